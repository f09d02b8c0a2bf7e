// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

/** The successor's process, as far as the predecessor must be able to get rid of it. */
interface Child {
    /** Its number. */
    long pid();

    /** Kills it, and does not return before it is dead. */
    void end();
}
