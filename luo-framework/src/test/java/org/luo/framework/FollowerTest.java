// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {
    @TempDir
    Path directory;

    private Process successor;

    @AfterEach
    void end() {
        if (successor != null) {
            successor.destroyForcibly();
        }
    }

    private Follower follower() throws Exception {
        Incarnation own = Incarnation.own();
        new PidFile(directory, own).claim();
        return new Follower(new PidFile(directory, own), own);
    }

    private PidFile successor() throws Exception {
        successor = new ProcessBuilder("sleep", "60").start();
        PidFile pidFile =
                new PidFile(directory, Incarnation.running(successor.pid()).orElseThrow());
        pidFile.take();
        return pidFile;
    }

    private static CompletableFuture<Integer> follow(Follower follower) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return follower.follow();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void theStatusIsThatOfTheLastSuccessor() throws Exception {
        Follower follower = follower();
        PidFile theirs = successor();
        CompletableFuture<Integer> status = follow(follower);
        Thread.sleep(300);
        assertThat(status).isNotDone();
        theirs.release(Main.FILES_LOST);
        assertThat(status.get(10, TimeUnit.SECONDS)).isEqualTo(Main.FILES_LOST);
    }

    @Test
    void aSignalReachesTheSuccessorAlsoIfItIsNotThereYet() throws Exception {
        Follower follower = follower();
        follower.signalled();
        CompletableFuture<Integer> status = follow(follower);
        Thread.sleep(300);
        successor();
        assertThat(successor.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(status.get(10, TimeUnit.SECONDS)).as("it crashed").isEqualTo(Main.NOT_STARTED);
    }
}
