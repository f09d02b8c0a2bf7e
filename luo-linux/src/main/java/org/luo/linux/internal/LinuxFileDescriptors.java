// SPDX-License-Identifier: Apache-2.0
package org.luo.linux.internal;

import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileIdentity;
import org.osgi.service.component.annotations.Component;

/** What the orchestrator itself does with fds. */
@Component
public final class LinuxFileDescriptors implements FileDescriptors {
    @Override
    public int duplicate(int fd) throws LuoException {
        return Fds.duplicate(fd);
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new FileIdentity(stat.device(), stat.inode());
    }

    @Override
    public long size(int fd) {
        try {
            return Stat.of(fd).size();
        } catch (LuoException e) {
            return 0;
        }
    }

    @Override
    public void close(int fd) {
        Fds.close(fd);
    }
}
