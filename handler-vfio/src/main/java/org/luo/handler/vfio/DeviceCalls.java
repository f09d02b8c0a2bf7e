// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.linux.VfioDevice;
import org.luo.linux.VfioDevice.Info;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;

/** What this handler asks the kernel, each one system call. Tests have a kernel of their own. */
interface DeviceCalls {
    /** The kernel. */
    DeviceCalls LINUX = new DeviceCalls() {
        @Override
        public Stat stat(int fd) throws LuoException {
            return Stat.of(fd);
        }

        @Override
        public int flags(int fd) throws LuoException {
            return Fds.statusFlags(fd);
        }

        @Override
        public String name(int fd) throws LuoException {
            Path link = Path.of("/proc/self/fd", Integer.toString(fd));
            try {
                return Files.readSymbolicLink(link).toString();
            } catch (IOException e) {
                throw LuoException.of(Errno.EIO, "read the link " + link, e);
            }
        }

        @Override
        public Info info(int fd) throws LuoException {
            return VfioDevice.info(fd);
        }

        @Override
        public Optional<Region> region(int fd, int index) throws LuoException {
            return VfioDevice.region(fd, index);
        }

        @Override
        public Optional<Irq> irq(int fd, int index) throws LuoException {
            return VfioDevice.irq(fd, index);
        }
    };

    Stat stat(int fd) throws LuoException;

    int flags(int fd) throws LuoException;

    /** What /proc calls the open file. */
    String name(int fd) throws LuoException;

    Info info(int fd) throws LuoException;

    Optional<Region> region(int fd, int index) throws LuoException;

    Optional<Irq> irq(int fd, int index) throws LuoException;
}
