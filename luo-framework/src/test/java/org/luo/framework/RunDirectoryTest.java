// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
    private static final long NO_PROCESS = 1L << 40;

    @TempDir
    private Path directory;

    @BeforeEach
    void closeToOthers() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void isMadeForItsUserAlone() throws Exception {
        Path run = directory.resolve("a/run");
        assertThat(RunDirectory.open(run).path()).isEqualTo(run);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
                .isEqualTo("rwx------");
    }

    @Test
    void isRefusedIfOthersMayLookIntoIt() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
        assertThatThrownBy(() -> RunDirectory.open(directory))
                .isInstanceOf(CannotStart.class)
                .hasMessage(
                        "run directory " + directory + ": mode is 710, and must be 700 so that nobody else can get in");
    }

    @Test
    void isRefusedIfItBelongsToSomebodyElse() throws Exception {
        assumeTrue(RunDirectory.user() == 0, "only root can give a directory away");
        Files.setAttribute(directory, "unix:uid", 1);
        try {
            assertThatThrownBy(() -> RunDirectory.open(directory))
                    .isInstanceOf(CannotStart.class)
                    .hasMessage("run directory " + directory + ": belongs to user 1, not to 0");
        } finally {
            Files.setAttribute(directory, "unix:uid", 0);
        }
    }

    @Test
    void isRefusedIfNoSocketFitsIn() {
        Path deep = directory.resolve("x".repeat(82));
        assertThatThrownBy(() -> RunDirectory.open(deep))
                .isInstanceOf(CannotStart.class)
                .hasMessageStartingWith("run directory " + deep + ": its path has ")
                .hasMessageContaining("choose a shorter one");
        assertThat(deep).doesNotExist();
    }

    @Test
    void isNoLinkAndNoFile() throws Exception {
        Path link =
                Files.createSymbolicLink(directory.resolve("link"), Files.createDirectory(directory.resolve("target")));
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> RunDirectory.open(link)).hasMessage("run directory " + link + ": not a directory");
        assertThatThrownBy(() -> RunDirectory.open(file)).hasMessage("run directory " + file + ": not a directory");
    }

    @Test
    void cachesOfProcessesThatHaveEndedAreDeleted() throws Exception {
        Path stale = Files.createDirectories(directory.resolve("cache-" + NO_PROCESS + "/bundle1"));
        Files.createFile(stale.resolve("content"));
        Path before = Files.createDirectories(
                directory.resolve("cache-" + ProcessHandle.current().pid()).resolve("bundle1"));
        Path alive = Files.createDirectories(directory.resolve(
                "cache-" + ProcessHandle.current().parent().orElseThrow().pid()));
        Path strange = Files.createDirectory(directory.resolve("cache-of-coins"));
        RunDirectory.open(directory);
        assertThat(stale.getParent()).doesNotExist();
        assertThat(before.getParent()).doesNotExist();
        assertThat(alive).exists();
        assertThat(strange).exists();
    }

    @Test
    void theCacheIsDeletedInTheEnd() throws Exception {
        RunDirectory run = RunDirectory.open(directory);
        Files.createDirectories(run.cache().resolve("bundle1"));
        run.leave();
        assertThat(run.cache()).doesNotExist();
        run.leave();
    }
}
