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
 * @param anew whether the files are not those that were frozen but new ones, which another kernel has made of them: what
 *     it keeps of a file is for its handler to know
 * @param crashed whether the files were not frozen at all: the process that kept them has crashed
 * @see org.luo.spi.FileHandler#crossedKernel
 * @see org.luo.spi.FileHandler#outlivedCrash
 */
public record Image(ByteBuffer bytes, List<OpenFile> files, boolean anew, boolean crashed) {
    /** The very files that were frozen. */
    public Image(ByteBuffer bytes, List<OpenFile> files) {
        this(bytes, files, false, false);
    }

    /** Files that were frozen. */
    public Image(ByteBuffer bytes, List<OpenFile> files, boolean anew) {
        this(bytes, files, anew, false);
    }

    /**
     * An open file on its way.
     *
     * @param fd its fd in this process, borrowed
     * @param identity its device and inode, which must be the same on the other side, unless it is made anew
     */
    public record OpenFile(int fd, FileIdentity identity) {}
}
