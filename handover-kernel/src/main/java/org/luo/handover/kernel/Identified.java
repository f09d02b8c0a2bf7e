// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.LiveUpdate;
import org.luo.linux.Stat;

/**
 * What an fd that came from elsewhere really is, as the kernel says.
 *
 * @param fd the fd
 * @param kind what it is
 * @param name of a session what it is called, printable
 */
record Identified(int fd, Kind kind, String name) {
    /** What the link of a session's fd says, or begins with. */
    static final String SESSION = "anon_inode:[luo_session]";

    private static final int LONGEST_LINK = 80;

    /** What it can be. */
    enum Kind {
        /** The live update device. */
        DEVICE,
        /** A session that another kernel has left. */
        INCOMING,
        /** A session that may be handed over, with no envelope in it. */
        OUTGOING,
        /** A session that has been handed over already, to a kexec that has not happened yet. */
        SPENT
    }

    /** Says what an fd is. */
    @FunctionalInterface
    interface By {
        /** @throws LuoException EINVAL if it is none of these, with what it is instead · EBADF */
        Identified of(int fd) throws LuoException;
    }

    /**
     * Asks the kernel: first what kind of file it is, so that no other driver gets to see a request of ours, then the file
     * itself.
     */
    static Identified of(int fd, Machine machine) throws LuoException {
        if ((Fds.statusFlags(fd) & FileIo.O_PATH) != 0) {
            throw foreign(fd, "an O_PATH fd");
        }
        String link = link(fd);
        if (link.startsWith(SESSION)) {
            return session(fd);
        }
        Stat stat = Stat.of(fd);
        String device = machine.deviceNumber().orElse("which is not there");
        if (!stat.isCharacterDevice() || !stat.deviceNumber().equals(device)) {
            String what = stat.isCharacterDevice() ? "character device " + stat.deviceNumber() : link;
            throw foreign(fd, what + ", neither a kernel session nor the live update device, " + device);
        }
        try {
            LiveUpdate.requireDevice(fd);
        } catch (LuoException e) {
            throw foreign(fd, "character device " + device + " that does not answer as the live update device does");
        }
        return new Identified(fd, Kind.DEVICE, "");
    }

    private static Identified session(int fd) throws LuoException {
        String name = Machine.printable(new String(LiveUpdate.name(fd), StandardCharsets.ISO_8859_1));
        try {
            LiveUpdate.requireOutgoing(fd, Envelope.TOKEN);
            return new Identified(fd, Kind.OUTGOING, name);
        } catch (LuoException e) {
            return switch (e.errno()) {
                case EINVAL -> new Identified(fd, Kind.INCOMING, name);
                case EEXIST -> new Identified(fd, Kind.SPENT, name);
                default -> throw e;
            };
        }
    }

    private static String link(int fd) throws LuoException {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            return Machine.printable(link.substring(0, Math.min(LONGEST_LINK, link.length())));
        } catch (IOException e) {
            throw LuoException.of(Errno.EINVAL, "fd " + fd + " can't be looked at: " + e.getMessage(), e);
        }
    }

    private static LuoException foreign(int fd, String what) {
        return LuoException.of(Errno.EINVAL, "fd " + fd + " is " + what);
    }

    /** {@code fd 3, kernel session 'org.luo', incoming}. */
    @Override
    public String toString() {
        return "fd " + fd
                + switch (kind) {
                    case DEVICE -> ", the device";
                    case INCOMING -> ", kernel session '" + name + "', incoming";
                    case OUTGOING -> ", kernel session '" + name + "', outgoing";
                    case SPENT -> ", kernel session '" + name + "', ready for a kexec that has not happened";
                };
    }
}
