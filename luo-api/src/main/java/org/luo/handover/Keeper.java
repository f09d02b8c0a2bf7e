// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where something may be kept for a platform that starts anew, without a predecessor: by the kernel, or by a service
 * manager. An OSGi service; the orchestrator asks all of them, the one with the highest ranking first, before anything is
 * served, if it was started with {@link IncomingSide#STANDBY} set to {@link IncomingSide#KERNEL}.
 */
@ConsumerType
public interface Keeper {
    /** What came of asking. */
    enum Outcome {
        /** Nothing is kept. */
        NOTHING,
        /** It was taken, and is the orchestrator's. */
        TAKEN,
        /** It could not be taken: nothing of it was, the reason was logged, and it is still there to be looked at. */
        REFUSED
    }

    /** In a word, for people. */
    String name();

    /**
     * Looks whether something is kept, and gives it to the orchestrator by {@link IncomingSide#deserialize}: all or nothing.
     *
     * <p>Context: once, when every plug-in is up.
     */
    Outcome restore(IncomingSide incoming);

    /**
     * What was taken, from this keeper or another, is served: whoever keeps copies against the end of this process waits until it
     * has them all, and whoever has held on to what it gave lets go.
     *
     * <p>Context: once, if any keeper had something; the keeper with the lowest ranking first.
     */
    default void served() {}

    /** Another keeper had something that was taken, so what is kept here is out of date. Instead of {@link #restore}. */
    default void superseded() {}
}
