// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.luo.LuoException;

final class InMemoryFileDescriptorsTest {
    private final InMemoryFileDescriptors fds = new InMemoryFileDescriptors();

    @Test
    void theLowestFreeNumberIsGivenOut() throws Exception {
        assertThat(fds.open("a")).isEqualTo(3);
        assertThat(fds.open("b")).isEqualTo(4);
        fds.close(3);
        assertThat(fds.open("c")).isEqualTo(3);
        assertThat(fds).hasToString("{3=c, 4=b}");
    }

    @Test
    void aDuplicateSharesTheOpenFileAndAReopenedOneOnlyTheInode() throws Exception {
        int fd = fds.open("a");
        int duplicate = fds.duplicate(fd);
        int reopened = fds.reopen(fd);
        int other = fds.open("a");
        assertThat(fds.sameOpenFile(fd, duplicate)).isTrue();
        assertThat(fds.sameOpenFile(fd, reopened)).isFalse();
        assertThat(fds.identity(fd)).isEqualTo(fds.identity(duplicate)).isEqualTo(fds.identity(reopened));
        assertThat(fds.identity(fd)).isNotEqualTo(fds.identity(other));
    }

    @Test
    void whatIsWrittenThroughOneFdIsReadThroughAnother() throws Exception {
        int fd = fds.open("a");
        int reopened = fds.reopen(fd);
        fds.write(fd, "hello ");
        fds.close(fd);
        fds.write(reopened, "world");
        assertThat(fds.read(reopened)).isEqualTo("hello world");
    }

    @Test
    void anFdOpenedWithOPathCannotBeDuplicated() throws Exception {
        int path = fds.openPath("a");
        assertThat(fds.identity(path)).isNotNull();
        assertThatThrownBy(() -> fds.duplicate(path))
                .isInstanceOf(LuoException.class)
                .hasMessageEndingWith("[EBADF]");
    }

    @Test
    void aClosedFdIsBadAndClosingItAgainIsCounted() throws Exception {
        int fd = fds.open("a");
        fds.close(fd);
        assertThat(fds.openCount()).isZero();
        assertThat(fds.isOpen(fd)).isFalse();
        assertThat(fds.strayCloses()).isZero();
        assertThatThrownBy(() -> fds.identity(fd)).hasMessageEndingWith("[EBADF]");
        fds.close(fd);
        assertThat(fds.strayCloses()).isEqualTo(1);
    }

    @Test
    void atTheLimitNothingMoreIsOpened() throws Exception {
        fds.limit(2);
        int fd = fds.open("a");
        fds.duplicate(fd);
        assertThatThrownBy(() -> fds.open("b")).hasMessageEndingWith("[EMFILE]");
        assertThatThrownBy(() -> fds.duplicate(fd)).hasMessageEndingWith("[EMFILE]");
        assertThat(fds.openCount()).isEqualTo(2);
    }
}
