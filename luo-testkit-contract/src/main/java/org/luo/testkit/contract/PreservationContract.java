// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;

/** Until the freeze: what a handler says of files, keeps of them, and how it lets them go again. */
abstract class PreservationContract extends HandlerSubject {
    static final Token ONE = Token.of(1);
    static final Token TWO = Token.of(2);
    private static final int MANY = 50;

    @Test
    void constantsNeverChange() throws Exception {
        FileHandler handler = handler();
        assertThat(handler.compatible()).as("compatible()").isEqualTo(handler().compatible());
        assertThat(handler.reads()).as("reads()").isEqualTo(handler().reads()).doesNotContain(handler.compatible());
        assertThat(handler.flbs()).as("flbs()").isEqualTo(handler().flbs()).doesNotHaveDuplicates();
    }

    @Test
    void itsOwnFilesAreTaken() throws Exception {
        Verdict verdict = handler().canPreserve(keep(open()));
        assertThat(verdict.ok())
                .as("canPreserve of open(), not so: %s", verdict.reason())
                .isTrue();
    }

    @Test
    void otherFilesAreRefusedWithTheReason() throws Exception {
        for (int fd : new int[] {keep(openForeign()), 1_000_003}) {
            Verdict verdict = handler().canPreserve(fd);
            assertThat(verdict.ok()).as("canPreserve of fd %d", fd).isFalse();
            assertThat(verdict.reason())
                    .as("the reason for refusing fd %d", fd)
                    .isNotBlank()
                    .doesNotEndWith(".");
        }
    }

    @Test
    void askingChangesNothing() throws Exception {
        FileHandler handler = handler();
        for (int fd : new int[] {file(1), keep(openForeign())}) {
            Look look = Look.at(fd);
            OpenFds fds = OpenFds.now();
            for (int i = 0; i < MANY; i++) {
                handler.canPreserve(fd);
            }
            fds.assertUnchanged("canPreserve, " + MANY + " times");
            assertThat(Look.at(fd)).as("the file after canPreserve").isEqualTo(look);
        }
    }

    @Test
    void everyFdOfAFileHasItsIdentityAndNoOtherFileHas() throws Exception {
        FileHandler handler = handler();
        int fd = file(1);
        Look look = Look.at(fd);
        OpenFds fds = OpenFds.now();
        assertThat(handler.identity(fd)).as("identity, asked twice").isEqualTo(handler.identity(fd));
        fds.assertUnchanged("identity");
        assertThat(Look.at(fd)).as("the file after identity").isEqualTo(look);
        assertThat(handler.identity(keep(Fds.duplicate(fd))))
                .as("identity of a dup()")
                .isEqualTo(handler.identity(fd));
        assertThat(handler.identity(keep(open())))
                .as("identity of another file")
                .isNotEqualTo(handler.identity(fd));
        OptionalInt again = reopen(fd);
        if (again.isPresent()) {
            assertThat(handler.identity(keep(again.getAsInt())))
                    .as("identity of the file opened anew")
                    .isEqualTo(handler.identity(fd));
        }
    }

    @Test
    void theStateSaysTheSameOfTheSameFile() throws Exception {
        FileHandler handler = handler();
        int fd = file(1);
        PluginState first = handler.preserve(fd);
        handler.unpreserve(fd, first);
        PluginState second = handler.preserve(fd);
        assertThat(second.data()).as("the state of an unchanged file").isEqualTo(first.data());
        assertThat(new HashSet<>(second.fds()))
                .as("fds of a state, each once")
                .hasSize(second.fds().size());
        for (int of : second.fds()) {
            assertThat(Fds.isOpen(of)).as("fd %d of the state is open", of).isTrue();
        }
        handler.unpreserve(fd, second);
    }

    @Test
    void aPreservedFileStaysUsable() throws Exception {
        Generation process = generation(handler()).serving();
        try (OutgoingSession session = process.session("vm1")) {
            int fd = file(1);
            Look look = Look.at(fd);
            session.preserve(fd, ONE);
            assertThat(Look.at(fd)).as("the file after preserve").isEqualTo(look);
            assertTells(fd, 1);
            write(fd, 2);
            assertTells(fd, 2);
        }
    }

    @Test
    void unpreservingLeavesEverythingAsBefore() throws Exception {
        Generation process = generation(handler()).serving();
        int fd = file(1);
        Look look = Look.at(fd);
        OpenFds fds = OpenFds.now();
        try (OutgoingSession session = process.session("vm1")) {
            for (int i = 0; i < MANY; i++) {
                session.preserve(fd, ONE);
                session.unpreserve(ONE);
            }
            fds.assertUnchanged("preserve and unpreserve, " + MANY + " times");
            assertThat(Look.at(fd)).as("the file after unpreserve").isEqualTo(look);
            assertTells(fd, 1);
            assertThat(process.kept()).isZero();
        }
    }

    @Test
    void theBundleIsPinnedWhileAFileIsPreserved() throws Exception {
        Generation process = generation(handler()).serving();
        try (OutgoingSession session = process.session("vm1")) {
            session.preserve(file(1), ONE);
            assertThat(process.isPinned(HANDLER)).as("pinned while preserved").isTrue();
            session.unpreserve(ONE);
            assertThat(process.isPinned(HANDLER)).as("pinned after unpreserve").isFalse();
        }
    }

    @Test
    void theSameFileTwiceIsBusy() throws Exception {
        Generation process = generation(handler()).serving();
        try (OutgoingSession session = process.session("vm1");
                OutgoingSession other = process.session("vm2")) {
            int fd = file(1);
            session.preserve(fd, ONE);
            OpenFds fds = OpenFds.now();
            int duplicate = keep(Fds.duplicate(fd));
            refused("preserve of a dup()", Errno.EBUSY, () -> session.preserve(duplicate, TWO));
            refused("preserve in another session", Errno.EBUSY, () -> other.preserve(duplicate, TWO));
            close(duplicate);
            fds.assertUnchanged("preserving the same file twice");
            assertTells(fd, 1);
        }
    }

    @Test
    void closingTheSessionLetsGoOfTheLatestFirst() throws Exception {
        Watched handler = new Watched(handler());
        Generation process = generation(handler).serving();
        OutgoingSession session = process.session("vm1");
        int first = file(1);
        int second = file(2);
        session.preserve(first, ONE);
        session.preserve(second, TWO);
        session.close();
        assertThat(handler.takeCalls()).containsExactly("preserve 1", "preserve 2", "unpreserve 2", "unpreserve 1");
        assertTells(first, 1);
        assertTells(second, 2);
        assertThat(process.isPinned(HANDLER)).isFalse();
    }

    @Test
    void aFileThatCannotBePreservedLeavesNothing() throws Exception {
        OptionalInt unpreservable = openUnpreservable();
        assumeTrue(unpreservable.isPresent(), "openUnpreservable() has none");
        int fd = keep(unpreservable.getAsInt());
        Generation process = generation(handler()).serving();
        try (OutgoingSession session = process.session("vm1")) {
            Look look = Look.at(fd);
            OpenFds fds = OpenFds.now();
            refused("preserve of openUnpreservable()", () -> session.preserve(fd, ONE));
            fds.assertUnchanged("a preserve that failed");
            assertThat(Look.at(fd)).as("the file after a preserve that failed").isEqualTo(look);
            assertThat(process.kept()).isZero();
            assertThat(process.isPinned(HANDLER)).isFalse();
        }
    }

    @Test
    void aFileThatFailsLaterTakesNothingAlong() throws Exception {
        Watched handler = new Watched(handler());
        try (Bystander later = new Bystander()) {
            Generation process = generation(handler, later).serving();
            try (OutgoingSession session = process.session("vm1")) {
                int fd = file(1);
                session.preserve(fd, ONE);
                later.failsToPreserve = true;
                refused("preserve of the bystander", Errno.EIO, () -> session.preserve(later.fd(), TWO));
                assertThat(handler.takeCalls()).isEqualTo(List.of("preserve 1"));
                assertTells(fd, 1);
            }
        }
    }
}
