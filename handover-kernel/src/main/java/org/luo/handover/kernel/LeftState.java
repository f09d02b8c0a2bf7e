// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Passenger;
import org.luo.handover.Substitute;

/**
 * What goes over in the place of a file that is left behind: {@code left-v1}, a u8 with the length of the format it had,
 * that format, and why, in UTF-8.
 *
 * @param compatible the format of the file's state
 * @param reason why it is not there
 */
record LeftState(Compatible compatible, String reason) {
    static final Compatible FORMAT = Compatible.of("left-v1");

    private static final int MAX_REASON = 1000;
    private static final String ASKED_FOR = "it was asked for";

    /** What goes over instead of a file that somebody wants left, though it may be able to cross. */
    static Substitute of(Passenger file) {
        String reason =
                file.acrossKernel().ok() ? ASKED_FOR : file.acrossKernel().reason();
        return of(file, reason);
    }

    /** What goes over instead of a file, and why. */
    static Substitute of(Passenger file, String reason) {
        return new Substitute(FORMAT, new LeftState(file.compatible(), reason).encode());
    }

    byte[] encode() {
        byte[] format = compatible.text().getBytes(StandardCharsets.US_ASCII);
        byte[] why = reason.substring(0, Math.min(reason.length(), MAX_REASON)).getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[1 + format.length + why.length];
        bytes[0] = (byte) format.length;
        System.arraycopy(format, 0, bytes, 1, format.length);
        System.arraycopy(why, 0, bytes, 1 + format.length, why.length);
        return bytes;
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG
     */
    static LeftState decode(byte[] bytes) throws LuoException {
        int length = bytes.length == 0 ? 0 : bytes[0] & 0xff;
        if (length == 0 || bytes.length < 1 + length || bytes.length > 1 + length + 4 * MAX_REASON) {
            throw LuoException.of(Errno.EBADMSG, "state of a file left behind: " + bytes.length + " bytes");
        }
        String reason = new String(bytes, 1 + length, bytes.length - 1 - length, StandardCharsets.UTF_8);
        try {
            String format = new String(Arrays.copyOfRange(bytes, 1, 1 + length), StandardCharsets.ISO_8859_1);
            return new LeftState(Compatible.of(format), Machine.printable(reason));
        } catch (IllegalArgumentException e) {
            throw LuoException.of(Errno.EBADMSG, "state of a file left behind: " + e.getMessage());
        }
    }
}
