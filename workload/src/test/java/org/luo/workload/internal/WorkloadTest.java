// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/** From preserve to finish, with real memfds. */
class WorkloadTest {
    private final HeldFiles files = new HeldFiles();
    private final Incoming incoming = new Incoming();

    private static Request request(int number, long bytes, boolean sparse) throws LuoException {
        return Request.parse(
                Map.of("files", (long) number, "bytes", bytes, "seed", 11L, "sparse", sparse), 1L << 40, 2L << 20);
    }

    private static long openFds() throws Exception {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    private int fd(String session, long token) throws LuoException {
        return files.held.get(SessionName.of(session)).get(Token.of(token));
    }

    private Map<String, Object> handOverAndVerify() throws LuoException {
        files.update("process", Map.of());
        return incoming.verify(files).result();
    }

    @SuppressWarnings("unchecked") // as Verification makes it
    private static List<String> mismatches(Map<String, Object> result) {
        return (List<String>) result.get("mismatches");
    }

    @BeforeEach
    void warmUp() throws Exception {
        openFds();
    }

    @Test
    void everythingComesOverWithWhatWasWrittenLater() throws Exception {
        Outgoing outgoing = Outgoing.preserve(files, request(30, 10_000_000, false));
        assertThat(outgoing.write()).isPositive();
        assertThat(outgoing.write()).isPositive();
        outgoing.unmap();
        Map<String, Object> result = handOverAndVerify();
        assertThat(mismatches(result)).isEmpty();
        assertThat(result)
                .containsEntry("files", 30L)
                .containsEntry("bytes", 10_000_000L)
                .containsEntry("same_inode", 30L)
                .containsEntry("mismatch_count", 0L);
        assertThat(incoming.verify(files).result()).as("again").isEqualTo(result);
        assertThat(incoming.finish(files)).isEqualTo(2);
        assertThatThrownBy(() -> incoming.finish(files)).isInstanceOf(LuoException.NotFound.class);
    }

    @Test
    void kindsOfFileDifferInPositionSealsAndMode() throws Exception {
        Outgoing outgoing = Outgoing.preserve(files, request(14, 100_000, false));
        List<Description.File> made = outgoing.description().files();
        assertThat(made).extracting(Description.File::position).doesNotHaveDuplicates();
        assertThat(new HashSet<>(made.stream().map(Description.File::seals).toList()))
                .contains(0, Memfd.F_SEAL_SEAL)
                .hasSizeGreaterThanOrEqualTo(6);
        Set<Integer> modes =
                new HashSet<>(made.stream().map(Description.File::mode).toList());
        assertThat(modes).contains(Stat.S_IFREG | 0777).isSubsetOf(Stat.S_IFREG | 0777, Stat.S_IFREG | 0666);
        outgoing.close();
        assertThat(files.held).isEmpty();
    }

    @Test
    void everyKindOfDifferenceIsNoticedByName() throws Exception {
        Outgoing.preserve(files, request(14, 14 << 20, false)).unmap();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(1);
            FileIo.pread(fd("vm1", 1), one, 777_777);
            one.set(ValueLayout.JAVA_BYTE, 0, (byte) ~one.get(ValueLayout.JAVA_BYTE, 0));
            FileIo.pwrite(fd("vm1", 1), one, 777_777);
        }
        FileIo.seek(fd("vm2", 1), 99, FileIo.SEEK_SET);
        Memfd.addSeals(fd("vm1", 5), Memfd.F_SEAL_WRITE);
        FileIo.truncate(fd("vm2", 4), 5);
        Fds.close(files.held.get(SessionName.of("vm1")).remove(Token.of(2)));
        List<String> mismatches = mismatches(handOverAndVerify());
        assertThat(mismatches).anyMatch(m -> m.matches("vm1/0x1: bytes 0 to \\d+: CRC32C .* difference at 777777"));
        assertThat(mismatches).contains("vm2/0x1: position 99, expected 10");
        assertThat(mismatches).contains("vm1/0x2: retrieve 0x2 [ENOENT]");
        assertThat(mismatches).anyMatch(m -> m.startsWith("vm1/0x5: seals 0x"));
        assertThat(mismatches).anyMatch(m -> m.startsWith("vm2/0x4: size 5, expected "));
        assertThat(mismatches).noneMatch(m -> m.startsWith("vm1/0x3") || m.startsWith("vm2/0x3"));
    }

    @Test
    void aSparseFileStaysSparse() throws Exception {
        Outgoing outgoing = Outgoing.preserve(files, request(1, 1L << 30, true));
        outgoing.write();
        outgoing.unmap();
        Map<String, Object> result = handOverAndVerify();
        assertThat(mismatches(result)).isEmpty();
        assertThat(result).containsEntry("bytes", 1L << 30);
        assertThat(Stat.of(fd("vm1", 1)).blocks() * 512).isLessThan(2 << 20);
        incoming.finish(files);
    }

    @Test
    void noFileAtAllIsAWorkloadToo() throws Exception {
        Outgoing.preserve(files, request(0, 1_000, false)).unmap();
        assertThat(handOverAndVerify()).containsEntry("files", 0L).containsEntry("mismatch_count", 0L);
        assertThat(incoming.finish(files)).isEqualTo(2);
        assertThat(files.held).isEmpty();
    }

    @Test
    void aRefusalHalfWayLeavesNothingBehind() throws Exception {
        long before = openFds();
        files.most = 20;
        assertThatThrownBy(() -> Outgoing.preserve(files, request(30, 1_000_000, false)))
                .hasMessage("full [ENOSPC]");
        assertThat(files.held).isEmpty();
        assertThat(openFds()).isEqualTo(before);
    }

    @Test
    void theWorkloadHasNoFdOfItsOwn() throws Exception {
        long before = openFds();
        Outgoing outgoing = Outgoing.preserve(files, request(50, 1_000_000, false));
        assertThat(openFds()).isEqualTo(before + 51);
        outgoing.unmap();
        handOverAndVerify();
        assertThat(openFds()).isEqualTo(before + 51);
        incoming.finish(files);
        assertThat(openFds()).isEqualTo(before);
    }
}
