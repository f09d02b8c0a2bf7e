// SPDX-License-Identifier: Apache-2.0
package org.luo;

import org.osgi.annotation.versioning.ProviderType;

/** A named set of files that lives and dies together. Thread-safe. */
@ProviderType
public interface Session extends AutoCloseable {
    /** The name, unique among the sessions of its direction. */
    SessionName name();

    /**
     * Ends the session: an outgoing one undoes all its preservations, latest first; an incoming one is finished.
     *
     * <p>Closing a closed session does nothing, and so does closing one whose process has handed over.
     *
     * @throws LuoException EBUSY if a handler does not let an incoming file be finished, EAGAIN if a file's handler is
     *     gone: the session is then as it was, and an incoming one can be retrieved again
     */
    @Override
    void close() throws LuoException;
}
