// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.spi.Flb;
import org.luo.spi.Flb.Preserved;
import org.luo.spi.PluginState;

/**
 * What every {@link Flb} must keep to. Its test extends this. The files that need it are this contract's own.
 *
 * <p>Each test checks in the end that as many fds are open as before.
 *
 * @param <T> the FLB's object
 */
public abstract class FlbContract<T> {
    private static final long FLB = 20;
    private static final long CARRIER = 30;

    private final List<Integer> opened = new ArrayList<>();
    private OpenFds before;
    private Leftovers others;

    /** For subclasses. */
    protected FlbContract() {}

    /** A new FLB. */
    protected abstract Flb<T> flb() throws Exception;

    /** Makes what the object stands for tell this number, 1 to 100, and no other. */
    protected abstract void write(T object, int number) throws Exception;

    /** Fails if it tells another number. */
    protected abstract void assertTells(T object, int number) throws Exception;

    /** What older versions would have preserved, telling 1: one state for each string of {@link Flb#reads}. */
    protected Map<Compatible, PluginState> oldStates() throws Exception {
        return Map.of();
    }

    @BeforeEach
    final void countFds() throws Exception {
        flb();
        before = OpenFds.now();
        others = Leftovers.now();
    }

    @AfterEach
    final void noFdIsLeft(TestInfo test) throws Exception {
        opened.forEach(Fds::close);
        before.assertUnchanged(test.getDisplayName());
        others.assertNoMore(test.getDisplayName());
    }

    private Generation generation(Flb<T> flb) throws LuoException {
        return new Generation(before, opened).with(FLB, flb).with(CARRIER, new Bystander(flb.compatible()));
    }

    private int file() throws LuoException {
        int fd = Memfd.create("needs-flb", 0);
        opened.add(fd);
        return fd;
    }

    @Test
    void constantsNeverChange() throws Exception {
        Flb<T> flb = flb();
        assertThat(flb.compatible()).as("compatible()").isEqualTo(flb().compatible());
        assertThat(flb.reads()).as("reads()").isEqualTo(flb().reads()).doesNotContain(flb.compatible());
    }

    @Test
    void itIsPreservedWithTheFirstFileAndLetGoWithTheLast() throws Exception {
        WatchedFlb<T> flb = new WatchedFlb<>(flb());
        Generation process = generation(flb).serving();
        for (int round = 0; round < 3; round++) {
            OpenFds fds = OpenFds.now();
            int first = file();
            int second = file();
            try (OutgoingSession one = process.session("vm1");
                    OutgoingSession other = process.session("vm2")) {
                one.preserve(first, Token.of(1));
                other.preserve(second, Token.of(1));
                assertThat(flb.takeCalls()).containsExactly("preserve");
                assertThat(flb.object).as("the object that preserve returned").isNotNull();
                one.unpreserve(Token.of(1));
                assertThat(flb.takeCalls())
                        .as("callbacks while a file needs it")
                        .isEmpty();
                assertThat(process.isPinned(FLB))
                        .as("pinned while a file needs it")
                        .isTrue();
            }
            assertThat(flb.takeCalls()).containsExactly("unpreserve");
            assertThat(process.isPinned(FLB)).as("pinned when no file needs it").isFalse();
            Fds.close(first);
            Fds.close(second);
            opened.clear();
            fds.assertUnchanged("preserve and unpreserve");
        }
    }

    @Test
    void itComesBackOnceAndIsFinishedWithTheLastFile() throws Exception {
        WatchedFlb<T> outgoing = new WatchedFlb<>(flb());
        Generation process = generation(outgoing).serving();
        process.session("vm1").preserve(file(), Token.of(1));
        process.session("vm2").preserve(file(), Token.of(1));
        write(outgoing.object, 7);
        WatchedFlb<T> incoming = new WatchedFlb<>(flb());
        Generation next = process.update(generation(incoming));
        assertThat(next.isPinned(FLB)).isTrue();
        try (var reference = next.flbs().incoming(incoming)) {
            assertTells(reference.get(), 7);
        }
        next.retrieve("vm1").close();
        assertThat(incoming.takeCalls()).containsExactly("retrieve");
        next.retrieve("vm2").close();
        assertThat(incoming.takeCalls()).containsExactly("finish");
        assertThat(next.isPinned(FLB)).as("pinned after finish").isFalse();
    }

    @Test
    void itIsFinishedEvenIfNobodyAskedForIt() throws Exception {
        Generation process = generation(flb()).serving();
        process.session("vm1").preserve(file(), Token.of(1));
        WatchedFlb<T> incoming = new WatchedFlb<>(flb());
        Generation next = process.update(generation(incoming));
        next.retrieve("vm1").close();
        assertThat(incoming.takeCalls()).containsExactly("retrieve", "finish");
    }

    @Test
    void aRetrieveThatFailedIsNotTriedAgain() throws Exception {
        Generation process = generation(flb()).serving();
        process.session("vm1").preserve(file(), Token.of(1));
        WatchedFlb<T> incoming = new WatchedFlb<>(flb());
        incoming.damage = state -> new PluginState(new byte[3], List.of());
        Generation next = process.update(generation(incoming));
        for (int i = 0; i < 2; i++) {
            HandlerSubject.refused(
                    "retrieve of a state of 3 zeroes", () -> next.flbs().incoming(incoming));
        }
        next.retrieve("vm1").close();
        assertThat(incoming.takeCalls()).containsExactly("retrieve");
    }

    @Test
    void aDamagedStateIsRefusedAndNothingElse() throws Exception {
        Flb<T> flb = flb();
        Preserved<T> preserved = flb.preserve();
        int foreign = file();
        OpenFds fds = OpenFds.now();
        for (Damage damage : Damage.of(preserved.state(), foreign)) {
            retrieveDamaged(flb, damage);
            fds.assertUnchanged("retrieve of a state " + damage.what());
        }
        flb.unpreserve(preserved.object(), preserved.state());
    }

    private void retrieveDamaged(Flb<T> flb, Damage damage) {
        String what = "retrieve of a state " + damage.what();
        try {
            T object = flb.retrieve(flb.compatible(), damage.state());
            assertThat(damage.mayPass()).as("%s must be refused", what).isTrue();
            flb.finish(object);
        } catch (LuoException e) {
            assertThat(e.errno()).as("%s: %s", what, e.getMessage()).isIn(damage.errnos());
        } catch (RuntimeException e) {
            throw new AssertionError(what + " must end with a LuoException, EBADMSG, not with " + e, e);
        }
    }

    @Test
    void everyFormatThatItReadsIsRead() throws Exception {
        Flb<T> flb = flb();
        Map<Compatible, PluginState> states = oldStates();
        assertThat(states.keySet())
                .as("oldStates() has a state for each of reads()")
                .containsExactlyInAnyOrderElementsOf(flb.reads());
        for (Map.Entry<Compatible, PluginState> old : states.entrySet()) {
            T object = flb.retrieve(old.getKey(), old.getValue());
            assertTells(object, 1);
            flb.finish(object);
        }
    }
}
