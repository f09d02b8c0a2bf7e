// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.luo.testkit.InMemoryFileDescriptors;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.Journal;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingHandler;

/** What the host of a core is told, and how much a core can hold. */
final class CoreTest {
    private static final int MAX_SESSIONS = 510_000;

    private final InMemoryFileDescriptors fds = new InMemoryFileDescriptors();
    private final Journal journal = new Journal();
    private final List<String> told = new ArrayList<>();

    private Core core(String name) throws LuoException {
        Core core = new Core(fds, new PinTable(bundle -> Set.of()), new Owner(1, name), new Core.Host() {
            @Override
            public void serving() {
                told.add(name + " serving, " + fds.openCount() + " open, " + journal.lines());
            }

            @Override
            public void relinquished() {
                told.add(name + " relinquished, " + fds.openCount() + " open");
            }
        });
        core.handlers().add(Registration.of(new RecordingHandler("memfd", journal, fds), new Owner(2, "memfd")));
        core.doors().add(new RecordingDoor("device", journal));
        return core;
    }

    @Test
    void theHostIsToldOfOwningAfterTheDoorsAreOpenAndOfHandingOverAfterAllIsLetGo() throws Exception {
        Core first = core("first");
        first.serve();
        assertThat(told).isEmpty();
        first.publish();
        OrchestratorImpl orchestrator = new OrchestratorImpl(
                first, kind -> new InMemoryHandover(fds, successor().incoming()));
        OutgoingSession vm1 = orchestrator.createSession(SessionName.of("vm1"));
        int fd = fds.open("a");
        vm1.preserve(fd, Token.of(1));
        fds.close(fd);
        journal.clear();
        orchestrator.update("memory", Map.of());
        assertThat(told)
                .containsExactly(
                        "first serving, 0 open, [device.open cold]",
                        "first relinquished, 1 open",
                        "second serving, 1 open, " + journal.lines());
        assertThat(journal.lines()).endsWith("device.open with 0");
    }

    private Core successor() {
        try {
            return core("second");
        } catch (LuoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void asManySessionsAsTheKernelsBlocksHoldCanBeCreated() throws Exception {
        Core core = core("first");
        core.serve();
        OrchestratorImpl orchestrator = new OrchestratorImpl(core, kind -> null);
        for (int i = 0; i < MAX_SESSIONS; i++) {
            orchestrator.createSession(SessionName.of("s" + i));
        }
        refused(Errno.ENOSPC, () -> orchestrator.createSession(SessionName.of("one more")));
        refused(Errno.ENOSPC, () -> orchestrator.createSession(SessionName.of("s0")));
    }
}
