// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of a session: 1 to 63 bytes, any byte but NUL, as the kernel's {@code create_session} takes it.
 *
 * <p>Shape: compared byte for byte. Text is encoded as UTF-8; a name that did not come from text (a client may use
 * any bytes) keeps its bytes and prints the strange ones as {@code \xNN}.
 *
 * @see <a href="https://docs.kernel.org/userspace-api/liveupdate.html">Live Update uAPI</a>
 */
public final class SessionName implements Comparable<SessionName> {
    /** Longest name in bytes; the serialized field is one byte longer for its NUL. */
    public static final int MAX_BYTES = 63;

    private final byte[] bytes;

    private SessionName(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The name with this text.
     *
     * @throws LuoException EINVAL if the UTF-8 form is empty, longer than 63 bytes, or holds a NUL
     */
    public static SessionName of(String text) throws LuoException {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The name with these bytes, which are copied.
     *
     * @throws LuoException EINVAL if there are none, more than 63, or one of them is NUL
     */
    public static SessionName of(byte[] bytes) throws LuoException {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw LuoException.of(
                    Errno.EINVAL, "session name of " + bytes.length + " bytes: a name has 1 to " + MAX_BYTES);
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw LuoException.of(Errno.EINVAL, "session name with a NUL byte");
            }
        }
        return new SessionName(bytes.clone());
    }

    /** The bytes of the name, without a NUL; a copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public int compareTo(SessionName other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionName that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The name for people: UTF-8 where it is valid and printable, {@code \xNN} elsewhere. */
    @Override
    public String toString() {
        return Printable.of(bytes);
    }
}
