// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

/** How many there are of something, for messages: {@code 1 file}, {@code 2 files}. */
final class Amount {
    private Amount() {}

    /**
     * A number and what it is the number of.
     *
     * @param one what one of them is called; more than one, or none, have an s
     */
    static String of(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
