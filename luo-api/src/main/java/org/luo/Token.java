// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * The key of a file inside its session, chosen by whoever preserves it.
 *
 * <p>Units: an unsigned 64-bit number in a long; every value is legal, 0 and ~0 included. Unique within one session
 * only.
 */
public record Token(long value) {
    /** The token with this value. */
    public static Token of(long value) {
        return new Token(value);
    }

    /**
     * Reads {@code 0x1f} or a decimal number.
     *
     * @throws LuoException EINVAL if the text is neither or does not fit 64 bits
     */
    public static Token parse(String text) throws LuoException {
        try {
            return new Token(
                    text.startsWith("0x")
                            ? Long.parseUnsignedLong(text.substring(2), 16)
                            : Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            throw LuoException.of(Errno.EINVAL, "token '" + text + "': not an unsigned 64-bit number", e);
        }
    }

    /** {@code 0x} and the shortest hexadecimal form. */
    @Override
    public String toString() {
        return "0x" + Long.toHexString(value);
    }
}
