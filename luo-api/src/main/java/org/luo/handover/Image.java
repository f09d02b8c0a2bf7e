// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.nio.ByteBuffer;
import java.util.List;
import org.luo.spi.FileIdentity;

/**
 * What crosses over: one block of bytes and an ordered list of open files, to which the bytes refer by index.
 *
 * @param bytes little-endian; position 0 to limit; not to be changed
 * @param files the open files
 */
public record Image(ByteBuffer bytes, List<OpenFile> files) {
    /**
     * An open file on its way.
     *
     * @param fd its fd in this process, borrowed
     * @param identity its device and inode, which must be the same on the other side
     */
    public record OpenFile(int fd, FileIdentity identity) {}
}
