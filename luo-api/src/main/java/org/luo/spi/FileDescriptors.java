// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import org.luo.LuoException;
import org.osgi.annotation.versioning.ProviderType;

/** The few things the orchestrator does with an fd itself. Published as a service by the module that may call C. */
@ProviderType
public interface FileDescriptors {
    /**
     * A new close-on-exec fd of the same open file.
     *
     * @throws LuoException EBADF if the fd is not open, or is an O_PATH one · EMFILE if this process has no fd left
     */
    int duplicate(int fd) throws LuoException;

    /**
     * Device and inode of an open file.
     *
     * @throws LuoException EBADF if the fd is not open
     */
    FileIdentity identity(int fd) throws LuoException;

    /** How large an open file is, in bytes; 0 if it has no size or the fd is not open. */
    long size(int fd);

    /** Closes an fd; errors are of no use to anybody and are dropped. */
    void close(int fd);
}
