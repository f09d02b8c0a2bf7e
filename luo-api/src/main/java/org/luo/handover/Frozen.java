// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import org.osgi.annotation.versioning.ProviderType;

/** The frozen outgoing side: it ends with exactly one of {@link #unfreeze} and {@link #relinquish}. */
@ProviderType
public interface Frozen {
    /** What goes over. */
    Image image();

    /** How many sessions the image holds. */
    int sessions();

    /** How many files the image holds. */
    int files();

    /** Takes the freeze back: this process goes on. */
    void unfreeze();

    /**
     * Gives everything up to the successor, which has confirmed: nothing is served here any more, fds are closed.
     *
     * @param successor who took over, for error messages: {@code process 4711}
     */
    void relinquish(String successor);
}
