// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.util.Optional;
import java.util.OptionalInt;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Iommufd;
import org.luo.linux.Iommufd.Hardware;
import org.luo.linux.Stat;
import org.luo.linux.VfioDevice;

/** What this handler asks the kernel, each one system call but for the last two. Tests have a kernel of their own. */
interface IommufdCalls {
    /** The kernel. */
    IommufdCalls LINUX = new IommufdCalls() {
        @Override
        public Stat stat(int fd) throws LuoException {
            return Stat.of(fd);
        }

        @Override
        public int flags(int fd) throws LuoException {
            return Fds.statusFlags(fd);
        }

        @Override
        public OptionalInt ranges(int fd, int ioas) throws LuoException {
            return Iommufd.ranges(fd, ioas);
        }

        @Override
        public Optional<Hardware> hardware(int fd, int device) throws LuoException {
            return Iommufd.hardware(fd, device);
        }

        @Override
        public boolean isSame(int fd, int other) throws LuoException {
            return Iommufd.isSame(fd, other);
        }

        @Override
        public boolean isBoundTo(int device, int fd) throws LuoException {
            return VfioDevice.isBoundTo(device, fd);
        }
    };

    Stat stat(int fd) throws LuoException;

    int flags(int fd) throws LuoException;

    OptionalInt ranges(int fd, int ioas) throws LuoException;

    Optional<Hardware> hardware(int fd, int device) throws LuoException;

    boolean isSame(int fd, int other) throws LuoException;

    boolean isBoundTo(int device, int fd) throws LuoException;
}
