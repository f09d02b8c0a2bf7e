// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

/** A {@link Way} can't be gone; the message says why. */
final class NotThisWay extends Exception {
    private static final long serialVersionUID = 1;

    NotThisWay(String why) {
        super(why, null, false, false); // nobody looks where
    }
}
