// SPDX-License-Identifier: Apache-2.0
package org.luo;

import org.osgi.annotation.versioning.ProviderType;

/** A session that came over with the last live update. */
@ProviderType
public interface IncomingSession extends Session {
    /**
     * A file descriptor on the preserved file.
     *
     * <p>Every call returns a new fd of the same open file (shared offset), close-on-exec; the caller closes it. The
     * handler is asked once: its failure is remembered and answered again.
     *
     * @throws LuoException ENOENT if no file has that token, or the session is finished · EAGAIN if the file's handler
     *     is gone · EMFILE · any errno of the handler, the same one ever after
     */
    int retrieve(Token token) throws LuoException;

    /**
     * Ends the preservation of all files: those retrieved belong to whoever holds their fds, the others are disposed
     * of. The session stays open and empty; finishing again does nothing.
     *
     * @throws LuoException EBUSY if a handler does not let a file go, EAGAIN if a handler is gone; nothing has changed
     *     and retrieving still works
     */
    void finish() throws LuoException;
}
