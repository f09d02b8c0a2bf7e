// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Kexec;
import org.luo.linux.LiveUpdate;
import org.luo.linux.Spawn;

/**
 * The kernel under this process. The device is open only while a session is made or taken up: one process can have it,
 * and others want it too.
 */
final class RealKernel implements LiveUpdateKernel {
    /** A name with an @ in front is left alone by the service manager when it ends all processes before a kexec. */
    private static final String HOLDER = "@luo-kexec";

    private static final Path SHELL = Path.of("/bin/sh");
    private static final String HOLD = "trap '' TERM INT HUP; while :; do sleep 86400; done";

    private final Machine machine;

    RealKernel(Machine machine) {
        this.machine = machine;
    }

    /** What is done with the device. */
    private interface Call {
        int with(int device) throws LuoException;
    }

    @Override
    public int createSession(String name) throws LuoException {
        return withDevice(device -> LiveUpdate.createSession(device, bytes(name)));
    }

    @Override
    public int retrieveSession(String name) throws LuoException {
        return withDevice(device -> LiveUpdate.retrieveSession(device, bytes(name)));
    }

    private int withDevice(Call call) throws LuoException {
        int device = open();
        try {
            return call.with(device);
        } finally {
            Fds.close(device);
        }
    }

    private int open() throws LuoException {
        try {
            return LiveUpdate.open(LiveUpdate.DEVICE);
        } catch (LuoException e) {
            throw LuoException.of(e.errno(), machine.whyNoDevice(e.errno()), e);
        }
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
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
    public long startHolder(int session) throws LuoException {
        try {
            return Spawn.start(SHELL, List.of(HOLDER, "-c", HOLD), session);
        } catch (LuoException e) {
            throw LuoException.of(
                    e.errno(), "kexec: no process could be started to hold the kernel session: " + e.getMessage(), e);
        }
    }
}
