// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that share a run directory; the other one is a {@code sleep}. */
final class PidFileTest {
    @TempDir
    private Path directory;

    private Process process;
    private Incarnation otherProcess;
    private PidFile other;
    private PidFile own;

    @BeforeEach
    void start() throws Exception {
        process = new ProcessBuilder("sleep", "60").start();
        otherProcess = Incarnation.running(process.pid()).orElseThrow();
        other = new PidFile(directory, otherProcess);
        own = new PidFile(directory, Incarnation.own());
    }

    @AfterEach
    void stop() throws Exception {
        end();
    }

    private void end() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    private String pid() throws Exception {
        return Files.readString(directory.resolve("pid"));
    }

    @Test
    void thePidFileHoldsThePidAlone() throws Exception {
        own.claim();
        assertThat(pid()).isEqualTo(ProcessHandle.current().pid() + "\n");
    }

    @Test
    void aColdStartIsRefusedWhileTheOwnerIsAlive() throws Exception {
        other.claim();
        assertThatThrownBy(own::claim)
                .isInstanceOf(CannotStart.class)
                .hasMessage("a platform is running in " + directory + " already, with pid " + process.pid()
                        + ": stop it first, or update it live");
        assertThat(pid()).isEqualTo(process.pid() + "\n");
    }

    @Test
    void whatAnOwnerThatHasEndedLeftBehindDoesNotMatter() throws Exception {
        other.claim();
        end();
        own.claim();
        assertThat(pid()).isEqualTo(ProcessHandle.current().pid() + "\n");
    }

    @Test
    void norDoesALaterProcessWithTheOwnersPid() throws Exception {
        new PidFile(directory, new Incarnation(otherProcess.pid(), otherProcess.startTime() - 100)).claim();
        own.claim();
        assertThat(pid()).isEqualTo(ProcessHandle.current().pid() + "\n");
    }

    @Test
    void norDoesALockFileThatMakesNoSense() throws Exception {
        Files.writeString(directory.resolve("lock"), "what is this? ".repeat(100));
        own.claim();
        assertThatThrownBy(other::claim).isInstanceOf(CannotStart.class);
    }

    @Test
    void aProcessThatExecutedItselfInPlaceMayStartAgain() throws Exception {
        own.claim();
        own.claim();
    }

    @Test
    void aSuccessorTakesTheDirectoryAndItsPredecessorLeavesItAlone() throws Exception {
        other.claim();
        own.take();
        other.release(0);
        assertThat(pid()).isEqualTo(ProcessHandle.current().pid() + "\n");
        assertThat(directory.resolve("exit-status")).doesNotExist();
    }

    @Test
    void aPredecessorThatGetsEverythingBackTakesTheDirectoryBack() throws Exception {
        other.claim();
        own.take();
        other.take();
        own.release(1);
        assertThat(pid()).isEqualTo(process.pid() + "\n");
    }

    @Test
    void theOwnerLeavesNothingBehindButItsStatus() throws Exception {
        own.claim();
        own.release(3);
        assertThat(directory.resolve("pid")).doesNotExist();
        assertThat(directory.resolve("exit-status")).hasContent("3");
        other.claim();
    }

    @Test
    void threadsOfOneProcessWaitForEachOther() throws Exception {
        own.claim();
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> readOften(new PidFile(directory, otherProcess)));
        while (!reading.isDone()) {
            own.take();
        }
        reading.get();
    }

    private static void readOften(PidFile file) {
        try {
            for (int i = 0; i < 1000; i++) {
                assertThat(file.owner()).isPresent();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
