// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;

/** Commands that a test can hold in the middle, and what else door tests share. */
final class Scene {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);

    /** A table of commands: who (the name given), slow, refuse, break. */
    CommandTable commands(String name) {
        return new CommandTable(List.of(
                command("who", arguments -> Map.of("name", name)),
                command("echo", arguments -> arguments),
                command("slow", arguments -> {
                    entered.countDown();
                    await(released);
                    return Map.of("name", name);
                }),
                command("refuse", arguments -> {
                    throw LuoException.of(Errno.EBUSY, "in use");
                }),
                command("break", arguments -> {
                    throw new IllegalStateException("a bug");
                })));
    }

    static AdminCommand command(String name, BuiltIn.Body body) {
        return new BuiltIn(name, "for tests", null, body);
    }

    static AdminDoor door(Path dir, CommandTable commands) {
        return new AdminDoor(dir, commands, AdminDoor.LIMITS);
    }

    static AdminDoor door(Path dir, CommandTable commands, int connections, long idleMillis, long lineMillis) {
        return new AdminDoor(
                dir, commands, new Connections.Limits(connections, new LineReader.Patience(idleMillis, lineMillis)));
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("nothing happened for 20 s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static long openFds() {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** How many fds are open once threads that end in their own time have ended: unchanged for 100 ms. */
    static long settledFds() throws InterruptedException {
        long fds = openFds();
        for (int unchanged = 0; unchanged < 10; unchanged++) {
            Thread.sleep(10);
            if (openFds() != fds) {
                fds = openFds();
                unchanged = 0;
            }
        }
        return fds;
    }
}
