// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;

class RunDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void oneThatIsMissingIsMadeForThisUserAlone() throws Exception {
        Path path = RunDirectory.open(temporary.resolve("a/b"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwx------");
        assertThat(RunDirectory.open(path)).isEqualTo(path);
    }

    @Test
    void whatOthersCanLookIntoIsRefused() throws Exception {
        Path path = RunDirectory.open(temporary.resolve("open"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
        refused(Errno.EACCES, path, "mode is 750");
    }

    @Test
    void whatIsNoDirectoryIsRefused() throws Exception {
        refused(Errno.ENOTDIR, Files.createFile(temporary.resolve("file")), "");
        Path target = RunDirectory.open(temporary.resolve("target"));
        refused(Errno.ENOTDIR, Files.createSymbolicLink(temporary.resolve("link"), target), "");
    }

    @Test
    void whatBelongsToSomebodyElseIsRefused() throws Exception {
        Path path = RunDirectory.open(temporary.resolve("theirs"));
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can give a directory away");
        Files.setAttribute(path, "unix:uid", 12345);
        refused(Errno.EACCES, path, "belongs to user 12345");
    }

    private static void refused(Errno errno, Path path, String why) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> RunDirectory.open(path))
                .withMessageContaining(why)
                .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(errno));
    }
}
