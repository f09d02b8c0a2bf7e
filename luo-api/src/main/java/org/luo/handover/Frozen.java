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

    /**
     * Does what has been put off, after which nothing that this process has begun can meet what the successor does. Called
     * once everything is passed, while the successor is busy with it, and before it is told that it is the owner.
     */
    void fence();

    /** Takes the freeze back: this process goes on. */
    void unfreeze();

    /**
     * Gives everything up to the successor, which has confirmed: nothing is served here any more, fds are closed.
     *
     * @param successor who took over, for error messages: {@code process 4711}
     */
    void relinquish(String successor);
}
