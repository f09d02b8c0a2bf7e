// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

/**
 * Yes, or no with the reason.
 *
 * @param ok whether the answer is yes
 * @param reason why not, in a few words without a final stop; empty for yes
 */
public record Verdict(boolean ok, String reason) {
    private static final Verdict YES = new Verdict(true, "");

    /** Yes. */
    public static Verdict yes() {
        return YES;
    }

    /** No, because of this. */
    public static Verdict no(String reason) {
        return new Verdict(false, reason);
    }
}
