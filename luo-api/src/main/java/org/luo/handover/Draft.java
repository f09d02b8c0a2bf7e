// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import org.osgi.annotation.versioning.ProviderType;

/**
 * What would go over if the freeze were now, to be passed ahead of the blackout. Holds fds of its own, so that files
 * may be let go meanwhile.
 *
 * <p>Nothing is frozen by it, and whatever changes later is told by {@link OutgoingSide#freeze(Draft)}.
 */
@ProviderType
public interface Draft extends AutoCloseable {
    /** A whole image but for the doors, marked as a draft. */
    Image image();

    /**
     * Looks at everything once more, so that the freeze that follows finds it in the processors' caches.
     *
     * <p>Context: just before the freeze.
     */
    void touch();

    /** Closes its fds. It can be frozen against all the same. */
    @Override
    void close();
}
