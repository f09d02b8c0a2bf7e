// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Mapping;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.testkit.HugePages;

/** Files to try the handler on; all of them are closed at the end. */
final class Scratch implements AutoCloseable {
    private final List<Integer> fds = new ArrayList<>();

    /** A memfd of huge pages, without a page yet; where there can't be one the test is skipped. */
    int huge(int flags) {
        try {
            return keep(Memfd.create("scratch", Memfd.MFD_HUGETLB | flags));
        } catch (LuoException e) {
            return abort("no memfds of huge pages here: " + e.getMessage());
        }
    }

    /** Pages for those that are written; where there are none the test is skipped. */
    static HugePages pages(int number) {
        try {
            return HugePages.take(number);
        } catch (IOException e) {
            return abort(e.getMessage());
        }
    }

    int memfd() throws LuoException {
        return keep(Memfd.create("scratch", Memfd.MFD_ALLOW_SEALING));
    }

    /** A new open file on the same memory. */
    int reopen(int fd, int flags) throws LuoException {
        return keep(FileIo.open(Path.of("/proc/self/fd/" + fd), flags, 0));
    }

    int keep(int fd) {
        fds.add(fd);
        return fd;
    }

    /** Makes the file a page long, and writes to it as can be done: through a mapping. */
    static void write(int fd, String text) throws LuoException {
        long page = Stat.blockSize(fd);
        FileIo.truncate(fd, page);
        try (Mapping mapping = Mapping.map(fd, 0, page, true)) {
            mapping.segment().setString(0, text);
        }
    }

    static void assertTells(int fd, String text) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(100);
            FileIo.pread(fd, buffer, 0);
            assertThat(buffer.getString(0)).isEqualTo(text);
        }
    }

    @Override
    public void close() {
        fds.forEach(Fds::close);
    }
}
