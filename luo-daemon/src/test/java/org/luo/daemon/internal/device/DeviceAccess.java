// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.linux.UnixSocket;

/** A device, and the ioctls of its sessions, for tests of other packages. */
public final class DeviceAccess {
    private DeviceAccess() {}

    /** A door whose socket is in this directory. */
    public static DeviceDoor door(Path dir) {
        return new DeviceDoor(dir, true);
    }

    /** Lets it take up requests. */
    public static void serve(DeviceDoor door, Orchestrator orchestrator) {
        door.setOrchestrator(orchestrator);
    }

    public static void preserve(UnixSocket session, int fd, long token) throws LuoException {
        Wire.preserve(session, fd, token).ok();
    }

    /** Preserving is refused with this. */
    public static void preserveRefused(UnixSocket session, int fd, long token, Errno errno) throws LuoException {
        Wire.preserve(session, fd, token).refused(errno);
    }

    /** Returns an fd of the file. */
    public static int retrieve(UnixSocket session, long token) throws LuoException {
        return Wire.retrieve(session, token).fd();
    }

    public static void finish(UnixSocket session) throws LuoException {
        Wire.call(session, Wire.FINISH, Wire.plain(8)).ok();
    }

    public static String name(UnixSocket session) throws LuoException {
        return Wire.name(session);
    }
}
