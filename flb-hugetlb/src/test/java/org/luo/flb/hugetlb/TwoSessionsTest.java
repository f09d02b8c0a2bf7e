// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Core;
import org.luo.core.internal.OrchestratorImpl;
import org.luo.core.internal.Owner;
import org.luo.core.internal.Registration;
import org.luo.handler.memfd.MemfdHandler;
import org.luo.handover.Handover;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.internal.LinuxFileDescriptors;
import org.luo.pin.PinTable;
import org.luo.testkit.InMemoryHandover;

/**
 * The real orchestrator with both memfd handlers, over a live update: two sessions, each with files of huge pages and
 * ordinary ones. The pages are never touched, so none are needed.
 */
class TwoSessionsTest {
    private static final int EACH = 32;

    private final Scratch scratch = new Scratch();
    private FakeSysfs machine;
    private Process process;
    private Process successor;

    /** One process of the live update. */
    private static final class Process {
        final CountedFlb flb;
        final Core core = new Core(
                new LinuxFileDescriptors(), new PinTable(bundle -> Set.of()), owner(1, "core"), Core.Host.NONE);
        final OrchestratorImpl orchestrator = new OrchestratorImpl(core, kind -> this.handover);
        Handover handover;

        Process(Path sysfs) throws LuoException {
            flb = new CountedFlb(new HugetlbFlb(sysfs));
            core.handlers().add(Registration.of(new MemfdHandler(), owner(2, "memfd")));
            core.handlers().add(Registration.of(new HugeMemfdHandler(), owner(3, "huge")));
            core.flbs().add(Registration.of(flb, owner(3, "huge")));
        }

        private static Owner owner(long bundle, String name) {
            return new Owner(bundle, name);
        }

        void update(Process to) throws LuoException {
            handover = new InMemoryHandover(new LinuxFileDescriptors(), to.core.incoming());
            orchestrator.update(handover.kind(), Map.of());
        }
    }

    @BeforeEach
    void start(@TempDir Path sysfs) throws Exception {
        machine = new FakeSysfs(sysfs).with(FakeSysfs.SMALL, 64);
        process = new Process(sysfs);
        process.core.serve();
        successor = new Process(sysfs);
    }

    @AfterEach
    void close() {
        scratch.close();
    }

    private OutgoingSession preserve(String name) throws LuoException {
        OutgoingSession session = process.orchestrator.createSession(SessionName.of(name));
        for (int i = 0; i < EACH; i++) {
            int fd = i % 2 == 0 ? scratch.huge(Memfd.MFD_ALLOW_SEALING) : scratch.memfd();
            FileIo.truncate(fd, (i + 1L) << 21);
            session.preserve(fd, Token.of(i));
        }
        return session;
    }

    private void retrieveAll(String name) throws LuoException {
        try (IncomingSession session = successor.orchestrator.retrieveSession(SessionName.of(name))) {
            for (int i = 0; i < EACH; i++) {
                int fd = scratch.keep(session.retrieve(Token.of(i)));
                assertThat(Stat.of(fd).size()).isEqualTo((i + 1L) << 21);
            }
        }
    }

    @Test
    void thePoolsComeOverOnceForAllFiles() throws Exception {
        preserve("vm1");
        preserve("vm2");
        process.update(successor);
        assertThat(process.flb.calls).containsExactly("preserve");
        retrieveAll("vm1");
        assertThat(successor.flb.calls).isEmpty();
        retrieveAll("vm2");
        assertThat(successor.flb.calls).containsExactly("retrieve", "finish");
    }

    @Test
    void thePoolsAreLetGoWithTheLastFileOnly() throws Exception {
        OutgoingSession one = preserve("vm1");
        OutgoingSession other = preserve("vm2");
        one.close();
        assertThat(process.flb.calls).containsExactly("preserve");
        other.close();
        assertThat(process.flb.calls).containsExactly("preserve", "unpreserve");
    }

    @Test
    void poolsTakenAwayMeanwhileCostNoFile() throws Exception {
        preserve("vm1");
        machine.with(FakeSysfs.SMALL, 3);
        process.update(successor);
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> successor.core.flbReferences().incoming(successor.flb))
                .withMessageContaining("huge pages of 2048 kB: 3 pages, 64 when the first file was preserved")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        retrieveAll("vm1");
        assertThat(successor.flb.calls).containsExactly("retrieve");
    }

    @Test
    void aSysfsThatIsNotAsItShouldBeRefusesTheFileAndNothingElse() throws Exception {
        OutgoingSession session = process.orchestrator.createSession(SessionName.of("vm1"));
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "resv_hugepages", "many");
        int huge = scratch.huge(0);
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> session.preserve(huge, Token.of(1)))
                .withMessageContaining("resv_hugepages: no number: 'many'");
        session.preserve(scratch.memfd(), Token.of(1));
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "resv_hugepages", "0");
        session.preserve(huge, Token.of(2));
        List<String> kept = new ArrayList<>();
        process.orchestrator.files().forEach(file -> kept.add(file.compatible().toString()));
        assertThat(kept).containsExactly("memfd-p1", "huge-memfd-p1");
    }
}
