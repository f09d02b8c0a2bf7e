// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * Names a serialized format and its version, such as {@code memfd-v2}: what the kernel calls a compatible string.
 *
 * <p>Shape: 1 to 47 printable ASCII characters without spaces; the serialized field has 48 bytes with its NUL. Two
 * parties understand each other when the strings are equal, or when the reader lists the writer's string among those
 * it reads.
 */
public record Compatible(String text) implements Comparable<Compatible> {
    /** Longest string in bytes. */
    public static final int MAX_BYTES = 47;

    /** @throws IllegalArgumentException if the text is empty, too long, or has a character outside '!' to '~' */
    public Compatible {
        if (text.isEmpty() || text.length() > MAX_BYTES || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException(
                    "compatible string of " + text.length() + " characters: 1 to 47 printable ASCII ones are allowed");
        }
    }

    /** The compatible with this text. */
    public static Compatible of(String text) {
        return new Compatible(text);
    }

    @Override
    public int compareTo(Compatible other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
