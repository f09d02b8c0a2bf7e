// SPDX-License-Identifier: Apache-2.0
package org.luo;

import org.osgi.annotation.versioning.ProviderType;

/** A session whose files go over with the next live update. */
@ProviderType
public interface OutgoingSession extends Session {
    /**
     * Preserves the file behind a file descriptor under a token.
     *
     * <p>The orchestrator takes a reference of its own; the caller keeps its fd and may close it. The first handler in
     * order of registration that accepts the file keeps it. What is written until the freeze goes over.
     *
     * <p>Checks come in the kernel's order. Undo: {@link #unpreserve}, {@link #close()}; nothing is left on throw.
     *
     * @throws LuoException EEXIST if the token is used in this session (whatever the fd) · EBADF if the fd is closed
     *     or O_PATH · ENOENT, with each handler's reason, if none takes it · EBUSY if this very file is preserved, in
     *     any session, through whichever fd · EAGAIN if the handler's or an FLB's bundle is leaving or takes no new
     *     files · ENODEV if an FLB is missing · any errno of the handler
     */
    void preserve(int fd, Token token) throws LuoException;

    /**
     * Lets go of one file, as if it had never been preserved.
     *
     * @throws LuoException ENOENT if no file has that token · EAGAIN if its handler is gone
     */
    void unpreserve(Token token) throws LuoException;
}
