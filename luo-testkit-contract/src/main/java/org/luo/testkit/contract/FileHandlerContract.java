// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.linux.Fds;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;

/**
 * What every {@link FileHandler} must keep to. A handler's test extends this and says how its files are made and told
 * apart:
 *
 * <pre>{@code
 * class MemfdContractTest extends FileHandlerContract {
 *     protected FileHandler handler() { return new MemfdHandler(); }
 *     protected int open() throws LuoException { return Memfd.create("test", 0); }
 *     …
 * }
 * }</pre>
 *
 * <p>Each test checks in the end that as many fds are open as before.
 */
public abstract class FileHandlerContract extends ArrivalContract {
    private static final PluginState NOTHING = PluginState.empty();

    /** For subclasses. */
    protected FileHandlerContract() {}

    @Test
    void aRetrieveThatFailedIsNotTriedAgain() throws Exception {
        Watched handler = new Watched(handler());
        handler.damage = state -> NOTHING;
        Generation next = updated(handler);
        try (IncomingSession session = next.retrieve("vm1")) {
            LuoException first = refused("retrieve of a state with nothing in it", () -> session.retrieve(ONE));
            handler.damage = state -> state;
            refused("retrieve once more", first.errno(), () -> session.retrieve(ONE));
            session.finish();
            assertThat(handler.takeCalls()).containsExactly("retrieve", "finish " + first.errno());
        }
    }

    @Test
    void aDamagedStateIsRefusedAndNothingElse() throws Exception {
        FileHandler handler = handler();
        FileHandler successors = handler();
        int foreign = keep(openForeign());
        int fd = file(1);
        PluginState frozen = handler.freeze(fd, handler.preserve(fd));
        OpenFds fds = OpenFds.now();
        for (Damage damage : Damage.of(frozen, foreign)) {
            retrieveDamaged(successors, damage);
            fds.assertUnchanged("retrieve of a state " + damage.what());
        }
        handler.unfreeze(fd, frozen);
        handler.unpreserve(fd, frozen);
    }

    private static void retrieveDamaged(FileHandler handler, Damage damage) {
        String what = "retrieve of a state " + damage.what();
        PluginState state = damage.state();
        try {
            int back = handler.retrieve(handler.compatible(), state);
            assertThat(damage.mayPass()).as("%s must be refused", what).isTrue();
            assertThat(Fds.isOpen(back)).as("%s returned an open fd", what).isTrue();
            handler.finish(state, Retrieval.of(back));
            if (!state.fds().contains(back)) {
                Fds.close(back);
            }
        } catch (LuoException e) {
            handler.finish(state, Retrieval.failed(e.errno()));
            assertThat(e.errno()).as("%s: %s", what, e.getMessage()).isIn(damage.errnos());
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + " must end with a LuoException, EBADMSG, not with " + e, e);
        }
    }

    @Test
    void everyFormatThatItReadsIsRead() throws Exception {
        FileHandler handler = handler();
        int fd = file(1);
        Map<Compatible, PluginState> states = oldStates(fd);
        assertThat(states.keySet())
                .as("oldStates() has a state for each of reads()")
                .isEqualTo(new HashSet<>(handler.reads()));
        List<Integer> news = new ArrayList<>();
        for (Map.Entry<Compatible, PluginState> old : states.entrySet()) {
            int back = handler.retrieve(old.getKey(), old.getValue());
            assertTells(back, 1);
            makeFinishable(back);
            handler.finish(old.getValue(), Retrieval.of(back));
            if (!old.getValue().fds().contains(back)) {
                news.add(back);
            }
        }
        news.forEach(Fds::close);
    }

    @Test
    void aSessionWithOneFileThatDoesNotComeBackIsFinished() throws Exception {
        Generation process = generation(handler()).serving();
        OutgoingSession session = process.session("vm1");
        session.preserve(file(1), ONE);
        session.preserve(file(2), TWO);
        Watched handler = new Watched(handler());
        Generation next = process.update(generation(handler));
        try (IncomingSession incoming = next.retrieve("vm1")) {
            int back = keep(incoming.retrieve(TWO));
            handler.damage = state -> NOTHING;
            Errno errno = refused("retrieve of a state with nothing in it", () -> incoming.retrieve(ONE))
                    .errno();
            assertTells(back, 2);
            makeFinishable(back);
            incoming.finish();
            assertThat(handler.takeCalls()).endsWith("finish retrieved", "finish " + errno);
        }
        assertThat(next.kept()).isZero();
    }
}
