// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Pidfd;
import org.luo.linux.Poll;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A successor's process: started, held by its pidfd, so that it cannot be mistaken for another, and got rid of. */
final class ChildProcess implements Child, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final Duration OWN_ACCORD = Duration.ofSeconds(2);
    private static final long IMPATIENCE_MILLIS = 10_000;

    private final Process process;
    private final Pidfd pidfd;
    private volatile boolean kept;

    private ChildProcess(Process process, Pidfd pidfd) {
        this.process = process;
        this.pidfd = pidfd;
    }

    /**
     * Starts a process without input, whose output goes where this process's goes.
     *
     * @throws LuoException EIO if it can't be started
     */
    static ChildProcess start(List<String> command) throws LuoException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "start successor " + command.getFirst() + ": " + e.getMessage(), e);
        }
        return new ChildProcess(process, hold(process));
    }

    /** Takes hold of our child, whose number may be another process's once the JVM has waited for it. */
    private static Pidfd hold(Process process) throws LuoException {
        try {
            Pidfd pidfd = Pidfd.open(process.pid());
            if (process.isAlive()) {
                return pidfd;
            }
            pidfd.close();
        } catch (LuoException e) {
            if (e.errno() != Errno.ESRCH) {
                process.destroyForcibly();
                throw e;
            }
        }
        throw ended("successor " + process.pid() + " ended before it connected", process, null);
    }

    @Override
    public long pid() {
        return pidfd.pid();
    }

    /**
     * Waits for its connection; turns away everybody else's.
     *
     * @throws LuoException EPIPE if it dies before · ETIMEDOUT
     */
    UnixSocket accept(UnixSocket listening, Duration patience) throws LuoException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            long left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
            short[] happened = Poll.await(new int[] {listening.fd(), pidfd.fd()}, Poll.POLLIN, left);
            if (happened[0] != 0) {
                UnixSocket connection = listening.accept();
                if (connection.peer().pid() == pid()) {
                    return connection;
                }
                LOG.warn(
                        "process {} knocked at the handover's socket and was turned away",
                        connection.peer().pid());
                connection.close();
            } else if (happened[1] != 0) {
                throw LuoException.of(Errno.EPIPE, "successor " + pid() + " ended before it connected");
            } else {
                throw LuoException.of(
                        Errno.ETIMEDOUT,
                        "successor " + pid() + " did not connect within " + patience.toSeconds() + " s");
            }
        }
    }

    /** The failure, with how the process ended if that is the reason. */
    LuoException obituary(LuoException failure) {
        return failure.errno() == Errno.EPIPE ? ended(Answers.withoutErrno(failure), process, failure) : failure;
    }

    private static LuoException ended(String what, Process process, LuoException cause) {
        String status = isReaped(process) ? ", status " + process.exitValue() : "";
        return LuoException.of(Errno.EPIPE, what + status, cause);
    }

    /** Waits a moment for the JVM to wait for a process that is dead, or about to be. */
    private static boolean isReaped(Process process) {
        try {
            return process.waitFor(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Lets it live on when this is closed: it is the owner. */
    void keep() {
        kept = true;
    }

    @Override
    public void end() {
        try {
            pidfd.kill(Pidfd.SIGKILL);
        } catch (LuoException e) {
            LOG.debug("{}", e.getMessage());
        }
        awaitDeath();
    }

    /** Kills it, from another thread than the one that talks with it, which lets go of the rest when it comes back. */
    void kill() {
        if (!kept) {
            process.destroyForcibly();
        }
    }

    /** Without limit: to go on while it may be serving would make two owners. */
    private void awaitDeath() {
        while (true) {
            try {
                if (pidfd.awaitDeath(IMPATIENCE_MILLIS)) {
                    return;
                }
                LOG.warn("successor {} has been killed and is not dead yet; waiting", pid());
            } catch (LuoException e) {
                LOG.warn("waiting for the death of successor {}: {}", pid(), e.getMessage());
                if (!process.isAlive()) {
                    return;
                }
            }
        }
    }

    /** Unless it was kept: gives it a moment to leave by itself, kills it, and returns when it is dead. */
    @Override
    public void close() {
        if (!kept) {
            try {
                pidfd.awaitDeath(OWN_ACCORD.toMillis());
            } catch (LuoException e) {
                LOG.debug("{}", e.getMessage());
            }
            end();
            isReaped(process);
        }
        pidfd.close();
    }
}
