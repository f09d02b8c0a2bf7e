// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.Keeper.Outcome;
import org.luo.linux.Datagrams;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Received;
import org.luo.spi.Verdict;
import org.luo.testkit.NoFdLeft;

/** Until what came is served, it does not end with this process: the service manager holds the kernel's session too. */
@ExtendWith(NoFdLeft.class)
class KernelKeeperTest {
    private static final byte[] CONTENTS = "what a guest had in its memory".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path root;

    private final InMemoryKernel kernel = new InMemoryKernel();
    private final InMemoryOutgoing outgoing = new InMemoryOutgoing();
    private final InMemoryIncoming incoming = new InMemoryIncoming();
    private final List<Integer> held = new ArrayList<>();
    private Datagrams manager;
    private KernelHandover handover;

    @BeforeEach
    void kexec() throws Exception {
        manager = Datagrams.bind(root.resolve("notify"));
        manager.setReceiveTimeout(100);
        handover = new KernelHandover(MachineFiles.ready(root).machine(), kernel);
        outgoing.add("memfd-p1", Verdict.yes());
        OpenFile file = outgoing.passengers.getFirst().files().getFirst();
        try (Arena arena = Arena.ofConfined()) {
            FileIo.pwrite(file.fd(), arena.allocateFrom(ValueLayout.JAVA_BYTE, CONTENTS), 0);
        }
        assertThat(catchThrowable(() -> handover.handOver(outgoing, Map.of())))
                .isInstanceOf(InMemoryKernel.Booted.class);
    }

    @AfterEach
    void close() {
        manager.close();
        incoming.close();
        held.forEach(Fds::close);
        if (handover.refused() != null) {
            Fds.close(handover.refused().session());
        }
        kernel.close();
        outgoing.close();
    }

    private KernelKeeper keeper(Map<String, String> environment) {
        return new KernelKeeper(handover, new Deposit(environment));
    }

    private KernelKeeper keeper() {
        return keeper(Map.of("NOTIFY_SOCKET", root.resolve("notify").toString(), "FDSTORE", "7"));
    }

    /** What the manager is told next, and how many fds come with it; empty if nothing is. */
    private String told() {
        byte[] buffer = new byte[1000];
        try {
            Received received = manager.receive(buffer);
            Arrays.stream(received.fds()).forEach(held::add);
            return new String(buffer, 0, received.bytes(), StandardCharsets.UTF_8).replace('\n', ' ') + " +"
                    + received.fds().length;
        } catch (LuoException e) {
            return "";
        }
    }

    private byte[] contents() throws LuoException {
        byte[] bytes = new byte[CONTENTS.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(bytes.length);
            FileIo.pread(incoming.images.getLast().files().getFirst().fd(), segment, 0);
            MemorySegment.ofArray(bytes).copyFrom(segment);
        }
        return bytes;
    }

    @Test
    void theManagerHoldsItUntilItIsServed() {
        KernelKeeper keeper = keeper();
        assertThat(keeper.restore(incoming)).isEqualTo(Outcome.TAKEN);
        assertThat(told()).isEqualTo("FDSTORE=1 FDPOLL=0 FDNAME=luo +1");
        assertThat(kernel.calls).doesNotContain("finish");
        keeper.served();
        assertThat(told()).isEqualTo("FDSTOREREMOVE=1 FDNAME=luo +0");
        assertThat(kernel.calls).endsWith("finish");
        keeper.served();
        assertThat(told()).isEmpty();
    }

    @Test
    void whoeverStartsAfterAnEndBeforeThatTakesTheSameAgain() throws Exception {
        keeper().restore(incoming);
        assertThat(contents()).isEqualTo(CONTENTS);
        incoming.close();
        Fds.close(kernel.retrieved.getFirst()); // as its end does; the manager has it too
        KernelKeeper next = keeper();
        assertThat(next.restore(incoming)).isEqualTo(Outcome.TAKEN);
        assertThat(contents()).isEqualTo(CONTENTS);
        next.served();
        assertThat(keeper().restore(incoming)).isEqualTo(Outcome.NOTHING);
    }

    @Test
    void whatIsRefusedStaysWithTheManagerToo() {
        incoming.fails = true;
        KernelKeeper keeper = keeper();
        assertThat(keeper.restore(incoming)).isEqualTo(Outcome.REFUSED);
        assertThat(told()).startsWith("FDSTORE=1 ");
        keeper.served();
        assertThat(told()).isEmpty();
        assertThat(kernel.calls).doesNotContain("finish");
    }

    @Test
    void aManagerThatKeepsNothingIsToldNothing() {
        for (Map<String, String> environment : List.of(
                Map.<String, String>of(),
                Map.of("NOTIFY_SOCKET", root.resolve("notify").toString()),
                Map.of("NOTIFY_SOCKET", "vsock:2:9", "FDSTORE", "7"),
                Map.of("NOTIFY_SOCKET", root.resolve("nobody").toString(), "LUO_FDSTORE", "7"))) {
            new Deposit(environment).put(0);
            new Deposit(environment).remove();
        }
        assertThat(told()).isEmpty();
    }
}
