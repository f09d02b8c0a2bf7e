// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/**
 * What a {@link FileHandlerContract} must be told about the handler under test: the methods without a body, and those
 * with one where the handler can more.
 */
public abstract class HandlerSubject {
    static final long HANDLER = 10;
    private static final long FLB = 20;
    private static final long BYSTANDER = 30;

    private final List<Integer> opened = new ArrayList<>();
    private OpenFds before;
    private Leftovers others;

    /** For subclasses. */
    protected HandlerSubject() {}

    /** A new handler. */
    protected abstract FileHandler handler() throws Exception;

    /** A new file that the handler takes; this contract closes it. */
    protected abstract int open() throws Exception;

    /** A file that the handler does not take; this contract closes it. */
    protected abstract int openForeign() throws Exception;

    /** Makes a file's content tell this number, 1 to 100, and no other. Leaves the file's position where it is. */
    protected abstract void write(int fd, int number) throws Exception;

    /** Fails if a file's content tells another number. Leaves the file's position where it is. */
    protected abstract void assertTells(int fd, int number) throws Exception;

    /** A file that the handler takes and then cannot preserve, if there is such a one; this contract closes it. */
    protected OptionalInt openUnpreservable() throws Exception {
        return OptionalInt.empty();
    }

    /**
     * Another open file that must count as the same one; this contract closes it. By default the fd opened anew by way
     * of {@code /proc}; empty if that is another file or none.
     */
    protected OptionalInt reopen(int fd) throws Exception {
        return OptionalInt.of(FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDWR, 0));
    }

    /** FLBs that the handler needs: new ones. */
    protected List<Flb<?>> newFlbs() throws Exception {
        return List.of();
    }

    /** What older versions would have frozen of this file: one state for each string of {@link FileHandler#reads}. */
    protected Map<Compatible, PluginState> oldStates(int fd) throws Exception {
        return Map.of();
    }

    /** Compares the bytes frozen of a file with those that were written down once. */
    protected void assertLayout(byte[] frozen, int fd) throws Exception {}

    /** What a workload does with a file before the handler lets it be finished. */
    protected void makeFinishable(int fd) throws Exception {}

    @BeforeEach
    final void countFds() throws Exception {
        handler();
        before = OpenFds.now();
        others = Leftovers.now();
    }

    @AfterEach
    final void noFdIsLeft(TestInfo test) throws Exception {
        opened.forEach(Fds::close);
        before.assertUnchanged(test.getDisplayName());
        others.assertNoMore(test.getDisplayName());
    }

    /** A file to be closed at the end. */
    final int keep(int fd) {
        opened.add(fd);
        return fd;
    }

    final void close(int fd) {
        opened.remove((Integer) fd);
        Fds.close(fd);
    }

    /** A file that tells a number. */
    final int file(int number) throws Exception {
        int fd = keep(open());
        write(fd, number);
        return fd;
    }

    /** A process with this handler, the FLBs that it needs, and perhaps a bystander, which is asked first. */
    final Generation generation(FileHandler handler, Bystander... bystanders) throws Exception {
        Generation generation = new Generation(before, opened);
        for (Bystander bystander : bystanders) {
            generation.with(BYSTANDER, bystander);
        }
        for (Flb<?> flb : newFlbs()) {
            generation.with(FLB, flb);
        }
        return generation.with(HANDLER, handler);
    }

    static LuoException refused(String what, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).as(what).isInstanceOf(LuoException.class);
        return (LuoException) thrown;
    }

    static void refused(String what, Errno errno, ThrowingCallable call) {
        LuoException refusal = refused(what, call);
        assertThat(refusal.errno()).as("%s: %s", what, refusal.getMessage()).isEqualTo(errno);
    }
}
