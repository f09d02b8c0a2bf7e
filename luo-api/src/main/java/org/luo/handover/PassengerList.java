// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The files that would go over if the freeze were now. Holds fds of its own, so that files may be let go meanwhile.
 *
 * @see OutgoingSide#passengers()
 */
@ProviderType
public interface PassengerList extends AutoCloseable {
    /** The files, in order. Their fds are the list's, until {@link #close()}. */
    List<Passenger> passengers();

    /** Closes its fds. */
    @Override
    void close();
}
