// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which process owns the run directory: one at a time, passed on by a live update.
 *
 * <p>Shape: {@code lock} holds the owner's {@link Incarnation} and is locked while that is read and changed;
 * {@code pid} holds its pid alone, for people and scripts, and is replaced by renaming; {@code exit-status} is what an
 * owner leaves behind for those who are not its parent and can't wait for it.
 *
 * <p>Context: every method takes the file lock, which nobody keeps for longer than these few calls. File locks are
 * between processes; the threads of this one exclude each other first.
 */
final class PidFile {
    private static final int LONGEST = 64;

    /** Not one per instance: a second lock of one file in one process is refused, whoever asks for it. */
    private static final Object PROCESS = new Object();

    private final Path lock;
    private final Path pid;
    private final Path exitStatus;
    private final Incarnation own;

    PidFile(Path directory, Incarnation own) {
        this.lock = directory.resolve("lock");
        this.pid = directory.resolve("pid");
        this.exitStatus = directory.resolve("exit-status");
        this.own = own;
    }

    /**
     * Takes the run directory for a cold start.
     *
     * @throws CannotStart if its owner is alive
     */
    void claim() throws CannotStart, IOException {
        synchronized (PROCESS) {
            try (FileChannel channel = open();
                    var _ = channel.lock()) {
                Optional<Incarnation> owner = read(channel);
                if (owner.isPresent() && !owner.get().equals(own) && owner.get().isAlive()) {
                    throw new CannotStart("a platform is running in " + lock.getParent() + " already, with pid "
                            + owner.get().pid() + ": stop it first, or update it live");
                }
                Files.deleteIfExists(exitStatus);
                write(channel);
            }
        }
    }

    /** Takes the run directory from whoever has it, since this process serves now. */
    void take() throws IOException {
        synchronized (PROCESS) {
            try (FileChannel channel = open();
                    var _ = channel.lock()) {
                write(channel);
            }
        }
    }

    /** Gives the run directory up, if it is this process's; otherwise leaves it to its owner. */
    void release(int status) throws IOException {
        synchronized (PROCESS) {
            try (FileChannel channel = open();
                    var _ = channel.lock()) {
                if (read(channel).filter(own::equals).isPresent()) {
                    Files.writeString(exitStatus, status + "\n");
                    Files.deleteIfExists(pid);
                    channel.truncate(0);
                }
            }
        }
    }

    /** Whose the run directory is; empty if nobody's. */
    Optional<Incarnation> owner() throws IOException {
        synchronized (PROCESS) {
            try (FileChannel channel = open();
                    var _ = channel.lock()) {
                return read(channel);
            }
        }
    }

    /** What the last owner left behind; empty if it left nothing, or something else than a number. */
    OptionalInt exitStatus() {
        try {
            return OptionalInt.of(Integer.parseInt(Files.readString(exitStatus).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Empty if nobody owns the run directory, and also if what is there makes no sense. */
    private static Optional<Incarnation> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
        channel.read(bytes, 0);
        return Incarnation.parse(StandardCharsets.US_ASCII.decode(bytes.flip()).toString());
    }

    private void write(FileChannel channel) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((own + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        Path written = Files.writeString(pid.resolveSibling("pid.new"), own.pid() + "\n");
        Files.move(written, pid, StandardCopyOption.ATOMIC_MOVE);
    }
}
