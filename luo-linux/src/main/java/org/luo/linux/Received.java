// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

/**
 * What came with one message, besides the bytes, which are in the buffer.
 *
 * <p>The fds are the receiver's, close-on-exec, whatever else is wrong with the message: it must close those that it
 * does not keep.
 *
 * @param bytes how many bytes are in the buffer
 * @param fds the fds that came along, in the order sent
 * @param dataTruncated the message was longer than the buffer; the rest is lost
 * @param controlTruncated fds are lost: more came than were asked for, or this process has no fd left
 */
public record Received(int bytes, int[] fds, boolean dataTruncated, boolean controlTruncated) {
    /** Whether the other side has closed or shut down. An empty message can't be told from that. */
    public boolean eof() {
        return bytes == 0 && fds.length == 0 && !dataTruncated && !controlTruncated;
    }

    /** Whether everything that was sent has come. */
    public boolean complete() {
        return !dataTruncated && !controlTruncated;
    }

    /** Closes the fds. */
    public void closeFds() {
        for (int fd : fds) {
            Fds.close(fd);
        }
    }
}
