// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Kexec;
import org.luo.linux.LiveUpdate;

/** The kernel under this process, by whichever of the {@link Ways} leads to its sessions. */
final class RealKernel implements LiveUpdateKernel {
    private final Ways ways;
    private final Machine machine;

    /** How each session was got that was created. */
    private final Map<Integer, Way> created = new ConcurrentHashMap<>();

    RealKernel(Ways ways, Machine machine) {
        this.ways = ways;
        this.machine = machine;
    }

    @Override
    public String way() {
        return ways.choose(true).toString();
    }

    @Override
    public boolean canAsk() {
        return ways.choose(true).way().canAsk();
    }

    @Override
    public boolean bootsElsewhere() {
        return ways.choose(true).way().bootsElsewhere();
    }

    @Override
    public int createSession(String name) throws LuoException {
        Way way = ways.choose(true).way();
        try {
            int session = way.createSession(name);
            created.put(session, way);
            return session;
        } catch (LuoException e) {
            throw e.errno() == Errno.EEXIST ? taken(name, e) : e;
        }
    }

    /** After a {@code --prepare-only} that no kexec has followed. */
    private LuoException taken(String name, LuoException e) {
        return LuoException.of(
                Errno.EEXIST,
                "live update: kernel session '" + name + "' is there already, for a kexec that has not happened"
                        + machine.sessionHolders() + "; kexec now, or kill -9 it, which lets go of what is in it",
                e);
    }

    @Override
    public int retrieveSession(String name) throws LuoException {
        return ways.choose(false).way().retrieveSession(name);
    }

    @Override
    public void close(int session) {
        Way way = created.remove(session);
        Fds.close(session);
        if (way != null) {
            way.closed(session);
        }
    }

    @Override
    public void preserve(int session, int fd, long token) throws LuoException {
        LiveUpdate.preserve(session, fd, token);
    }

    @Override
    public int retrieve(int session, long token) throws LuoException {
        return LiveUpdate.retrieve(session, token);
    }

    @Override
    public void finish(int session) throws LuoException {
        LiveUpdate.finish(session);
    }

    @Override
    public void reboot() throws LuoException {
        FileIo.sync();
        try {
            Kexec.reboot();
        } catch (LuoException e) {
            String why = switch (e.errno()) {
                case EINVAL -> "no kernel is loaded; load one: luo kexec load KERNEL";
                case EPERM -> "not permitted; the platform needs CAP_SYS_BOOT";
                case EBUSY -> "another kexec is under way";
                default -> "the kernel could not freeze what it preserves; its log says what";
            };
            throw LuoException.of(e.errno(), "kexec: " + why, e);
        }
    }

    @Override
    public long handOn(int session) throws LuoException {
        OptionalLong keeper = created.get(session).handOn(session);
        return keeper.isPresent() ? keeper.getAsLong() : Holder.start(session);
    }
}
