// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;

/** The freeze: it can be taken back as if it had not been, whoever it fails for, and done again. */
abstract class FreezeContract extends PreservationContract {
    @Test
    void aFreezeTakenBackLeavesTheFileUsable() throws Exception {
        Watched handler = new Watched(handler());
        Generation process = generation(handler).serving();
        try (OutgoingSession session = process.session("vm1")) {
            int fd = file(1);
            session.preserve(fd, ONE);
            Look look = Look.at(fd);
            OpenFds fds = OpenFds.now();
            process.freeze().unfreeze();
            assertThat(handler.takeCalls()).containsExactly("preserve 1", "freeze 1", "unfreeze 1");
            fds.assertUnchanged("freeze and unfreeze");
            assertThat(Look.at(fd)).as("the file after unfreeze").isEqualTo(look);
            assertTells(fd, 1);
            write(fd, 2);
            assertTells(fd, 2);
        }
    }

    @Test
    void freezingAgainSaysTheSame() throws Exception {
        FileHandler handler = handler();
        int fd = file(1);
        PluginState state = handler.preserve(fd);
        PluginState first = handler.freeze(fd, state);
        handler.unfreeze(fd, first);
        PluginState second = handler.freeze(fd, first);
        assertThat(second.data()).as("the state of an unchanged file").isEqualTo(first.data());
        assertThat(second.fds()).as("its fds").isEqualTo(first.fds());
        assertLayout(second.data(), fd);
        handler.unfreeze(fd, second);
        handler.unpreserve(fd, second);
        assertTells(fd, 1);
    }

    @Test
    void aFileThatFailsToFreezeLaterTakesNothingAlong() throws Exception {
        Watched handler = new Watched(handler());
        try (Bystander later = new Bystander()) {
            Generation process = generation(handler, later).serving();
            try (OutgoingSession session = process.session("vm1")) {
                int first = file(1);
                int second = file(2);
                session.preserve(first, ONE);
                session.preserve(second, TWO);
                session.preserve(later.fd(), Token.of(3));
                handler.takeCalls();
                OpenFds fds = OpenFds.now();
                later.failsToFreeze = true;
                refused("freeze of the bystander", Errno.EIO, process::freeze);
                assertThat(handler.takeCalls()).containsExactly("freeze 1", "freeze 2", "unfreeze 1", "unfreeze 2");
                fds.assertUnchanged("a freeze that a later file failed");
                assertTells(first, 1);
                write(second, 3);
                assertTells(second, 3);
            }
        }
    }

    @Test
    void anUpdateThatFailsIsTriedAgain() throws Exception {
        Generation process = generation(handler()).serving();
        int fd = file(1);
        process.session("vm1").preserve(fd, ONE);
        Generation unlucky = generation(handler());
        refused(
                "an update that dies before COMMIT",
                Errno.EIO,
                () -> process.update(
                        unlucky,
                        handover -> handover.afterDeserialize(() -> {
                            throw LuoException.of(Errno.EIO, "the successor has died");
                        })));
        assertTells(fd, 1);
        write(fd, 2);
        Generation next = process.update(generation(handler()));
        try (IncomingSession session = next.retrieve("vm1")) {
            int back = keep(session.retrieve(ONE));
            assertTells(back, 2);
            makeFinishable(back);
        }
    }

    @Test
    void rehearsingLeavesNothing() throws Exception {
        FileHandler handler = handler();
        int fd = file(1);
        PluginState state = handler.preserve(fd);
        Look look = Look.at(fd);
        OpenFds fds = OpenFds.now();
        handler.rehearse();
        handler.rehearse();
        fds.assertUnchanged("rehearse, twice");
        assertThat(Look.at(fd)).as("a preserved file after rehearse").isEqualTo(look);
        assertTells(fd, 1);
        handler.unpreserve(fd, state);
        assertThat(Fds.isOpen(fd)).isTrue();
    }
}
