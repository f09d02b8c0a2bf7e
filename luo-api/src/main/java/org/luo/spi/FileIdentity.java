// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

/**
 * What tells one open file object from another.
 *
 * @param device the file's device number, as {@code fstat} gives it, or another name space of the handler's
 * @param inode the number within it
 */
public record FileIdentity(long device, long inode) {
    @Override
    public String toString() {
        return "device 0x" + Long.toHexString(device) + " inode " + Long.toUnsignedString(inode);
    }
}
