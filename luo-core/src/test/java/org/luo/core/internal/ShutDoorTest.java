// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CLOSE;
import static org.luo.testkit.Callback.OPEN;
import static org.luo.testkit.Callback.RETRIEVE;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Token;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingHandler;

/** A door that does not open costs nobody what came over, when there is no predecessor any more; and it opens later. */
final class ShutDoorTest {
    private Platform before;
    private Platform after;
    private RecordingDoor agent;
    private RecordingDoor device;

    /** Begins to serve as a platform that starts anew, whatever way its files have come. */
    private record Anew(Core core) implements IncomingSide {
        @Override
        public Set<Compatible> readable() {
            return core.incoming().readable();
        }

        @Override
        public void rehearse() {
            core.incoming().rehearse();
        }

        @Override
        public void touch() {
            core.incoming().touch();
        }

        @Override
        public void anticipate(Image draft) throws LuoException {
            core.incoming().anticipate(draft);
        }

        @Override
        public void deserialize(Image image) throws LuoException {
            core.incoming().deserialize(image);
        }

        @Override
        public void serve() throws LuoException {
            core.serve();
        }

        @Override
        public void publish() {
            core.incoming().publish();
        }
    }

    /** A session has crossed a kexec, and the agent's door, which knows whose it is, does not open. */
    @BeforeEach
    void aKexec() throws Exception {
        before = Platform.serving();
        before.add(crossing(before));
        before.core.doors().add(door("agent").carrying(before.open("socket")).crossingKernels());
        before.core.doors().add(door("device"));
        before.session("vm", "memory");
        after = before.successor();
        after.add(crossing(before));
        agent = door("agent").crossingKernels();
        device = door("device");
        agent.on(OPEN).fails(Errno.EMFILE);
        after.core.doors().add(agent);
        after.core.doors().add(device);
        before.journal.clear();
        kexec(before, after);
    }

    private RecordingDoor door(String name) {
        return new RecordingDoor(name, before.journal);
    }

    private static RecordingHandler crossing(Platform of) {
        return new RecordingHandler("memfd", of.journal, of.fds).crossingKernels();
    }

    private static void kexec(Platform from, Platform to) throws LuoException {
        from.update(new InMemoryHandover(from.fds, new Anew(to.core)).anew(from.fds, Map.of()));
    }

    @Test
    void whatCameOverIsServedThroughTheOthers() throws Exception {
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 0", "device.open cold");
        int fd = after.retrieve("vm").retrieve(Token.of(1));
        assertThat(before.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve memory'^");
        assertThat(after.fds.name(fd)).isEqualTo("memory");
        assertThat(after.core.doors().opened()).containsExactly("device");
        assertThat(new DoorsCommand(after.core.doors()).run(Map.of()).toString())
                .contains("name=agent", "[EMFILE]");
    }

    @Test
    void itIsTriedAgainWithWhatItInheritsUntilItOpens() {
        before.journal.clear();
        assertThat(after.core.doors().tryAgain()).isTrue();
        agent.behave();
        assertThat(after.core.doors().tryAgain()).isFalse();
        assertThat(after.core.doors().tryAgain()).isFalse();
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 0", "agent.open with 0");
        assertThat(after.core.doors().opened()).containsExactly("device", "agent");
        assertThat(after.core.doors().shut()).isEmpty();
    }

    @Test
    void whatItInheritsGoesOnWithTheNextUpdateAndTheNextKexec() throws Exception {
        Platform third = after.successor();
        third.add(crossing(before));
        third.core.doors().add(door("agent").crossingKernels());
        before.journal.clear();
        after.update(third);
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 0");

        aKexec();
        third = after.successor();
        third.add(crossing(before));
        third.core.doors().add(door("agent"));
        before.journal.clear();
        kexec(after, third);
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 0");
    }

    @Test
    void whatItInheritsIsKeptAgainstACrash() throws Exception {
        assertThat(after.core.doors().recordsForCrash())
                .singleElement()
                .matches(record -> record.name().text().equals("agent"));
    }

    @Test
    void itIsNotOpenedWhileEverythingIsFrozen() throws Exception {
        agent.behave();
        before.journal.clear();
        Frozen frozen = after.core.outgoing().freeze();
        assertThat(after.core.doors().tryAgain()).isTrue();
        frozen.unfreeze();
        assertThat(before.journal.lines(OPEN)).isEmpty();
        assertThat(after.core.doors().tryAgain()).isFalse();
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 0");
    }

    @Test
    void oneThatGoesIsNotTriedAgain() {
        before.journal.clear();
        after.core.doors().remove(agent);
        assertThat(after.core.doors().tryAgain()).isFalse();
        assertThat(before.journal.lines()).isEmpty();
        after.core.doors().close();
        assertThat(before.journal.lines(CLOSE)).containsExactly("device.close");
    }

    @Test
    void socketsThatItWasGivenAreNotOfferedAgain() throws Exception {
        before = Platform.serving();
        before.core.doors().add(door("agent").carrying(before.open("socket")));
        Platform successor = before.update(before.successor());
        RecordingDoor late = door("agent");
        late.on(OPEN, 1).fails(Errno.ENOSPC);
        before.journal.clear();
        successor.core.doors().add(late);
        assertThat(successor.core.doors().tryAgain()).isFalse();
        assertThat(before.journal.lines(OPEN)).containsExactly("agent.open with 1", "agent.open cold");
    }

    @Test
    void itIsSaidOnceThatSomebodyHasToTryAgain() throws Exception {
        AtomicInteger said = new AtomicInteger();
        Platform platform = Platform.serving(new Core.Host() {
            @Override
            public void doorShut() {
                said.incrementAndGet();
            }
        });
        for (String name : new String[] {"one", "two"}) {
            RecordingDoor door = new RecordingDoor(name, platform.journal);
            door.on(OPEN).fails(Errno.EROFS);
            platform.core.doors().add(door);
            assertThat(said).hasValue(1);
            door.behave();
        }
        assertThat(platform.core.doors().tryAgain()).isFalse();
        RecordingDoor third = new RecordingDoor("three", platform.journal);
        third.on(OPEN).throwing(new OutOfMemoryError("unable to create native thread"));
        platform.core.doors().add(third);
        assertThat(said).hasValue(2);
    }

    @Test
    void aSuccessorWhosePredecessorGoesOnEndsInstead() throws Exception {
        Platform successor = after.successor("memfd");
        RecordingDoor broken = door("device");
        broken.on(OPEN).fails(Errno.EADDRINUSE);
        successor.core.doors().add(broken);
        refused(Errno.EADDRINUSE, () -> successor.core.incoming().serve());
        broken.behave(); // and if there is nobody to go on, it serves all the same
        successor.core.incoming().publish();
        assertThat(successor.core.doors().tryAgain()).isFalse();
        assertThat(successor.core.doors().opened()).containsExactly("device");
    }
}
