// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The live update orchestrator: what {@code /dev/liveupdate} is to a C program.
 *
 * <p>Published as an OSGi service exactly while this process owns the sessions: not by a successor that is still
 * standing by, and no longer by a predecessor that has handed over. Thread-safe.
 */
@ProviderType
public interface Orchestrator {
    /**
     * Creates an outgoing session.
     *
     * <p>Undo: {@link Session#close()}.
     *
     * @throws LuoException EEXIST if an outgoing session of that name exists (an incoming one may) · EOPNOTSUPP if
     *     this process has handed over
     */
    OutgoingSession createSession(SessionName name) throws LuoException;

    /**
     * Takes up a session that came over the last live update.
     *
     * @throws LuoException ENOENT if there is none of that name · EINVAL if it has been retrieved and is still open
     */
    IncomingSession retrieveSession(SessionName name) throws LuoException;

    /**
     * Replaces the software underneath: freezes every preserved file, hands everything over and waits until the
     * successor serves.
     *
     * <p>Context: blocks for the whole update; session calls made meanwhile wait, and fail with EOPNOTSUPP once the
     * successor has taken over. After it returns, this process owns nothing and leaves soon.
     *
     * <p>Undo: on throw everything is unfrozen, no successor is left behind and this process goes on as before.
     *
     * @param kind which handover: {@code process}, or {@code kernel}
     * @param options what the handover understands, by name; for {@code process} see the documentation of its module
     * @throws LuoException EOPNOTSUPP if there is no such handover · EBUSY if an update is running, or an incoming
     *     session has been retrieved and not finished · ENOENT, naming the files, if the successor cannot read what is
     *     preserved · EAGAIN if a file's handler is gone · any errno of a handler's {@code freeze}
     */
    UpdateReport update(String kind, Map<String, String> options) throws LuoException;

    /** Every session, outgoing ones first, each kind in order of creation. A copy. */
    List<SessionInfo> sessions();

    /** Every file of every session, in the order of {@link #sessions()} and of preservation. A copy. */
    List<FileInfo> files();

    /** Every file handler that is or was registered and matters still, in order of registration. A copy. */
    List<HandlerInfo> handlers();

    /** Every FLB that is registered or counted, in order of registration. A copy. */
    List<FlbInfo> flbs();

    /** How many live updates led to this process: 0 after a cold start. */
    long liveUpdates();
}
