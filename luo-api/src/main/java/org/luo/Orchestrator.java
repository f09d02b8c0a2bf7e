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

    /** Where this process is between two live updates. */
    LiveUpdateState state();

    /**
     * Prepares all subsystems for a live update, while workloads run. From NORMAL.
     *
     * <p>Undo: {@link #cancel()}. On throw those that were prepared are cancelled, latest first, and the state is
     * NORMAL.
     *
     * @throws LuoException EINVAL in another state · ENOENT naming dependencies that are missing · EINVAL if they form
     *     a cycle · EAGAIN naming orphaned files · EBUSY naming retrieved and unfinished sessions · any errno of a
     *     subsystem's {@code prepare}
     */
    void prepare() throws LuoException;

    /**
     * Makes everything final: files, devices, global state. From PREPARED.
     *
     * <p>Context: from here on session calls wait, closing included, until the update has happened or is cancelled; a
     * caller that is interrupted meanwhile gets EAGAIN. Nothing ends this state by itself. Requests from outside wait
     * too, but for those of doors that {@linkplain org.luo.handover.Door#servesWhileFrozen serve while frozen}.
     *
     * <p>Undo: {@link #cancel()}, from any thread. On throw everything is unfrozen and cancelled, and the state is
     * NORMAL.
     *
     * @throws LuoException EINVAL in another state · the errno of the callback that failed · what {@link #update} says
     */
    void freeze() throws LuoException;

    /**
     * Takes {@link #prepare} and {@link #freeze} back. From PREPARED or FROZEN; nothing in it can fail.
     *
     * @throws LuoException EINVAL in another state
     */
    void cancel() throws LuoException;

    /**
     * Tells all subsystems that the live update is over. From UPDATED, which also ends by itself with the last
     * incoming session that is finished.
     *
     * <p>Incoming sessions that nobody has finished stay as they are.
     *
     * @throws LuoException EINVAL in another state
     */
    void finish() throws LuoException;

    /**
     * Replaces the software underneath: freezes every preserved file, hands everything over and waits until the
     * successor serves.
     *
     * <p>Shape: from NORMAL it prepares and freezes by itself, from PREPARED it freezes, from FROZEN it goes on with
     * what is frozen, and from UPDATED it finishes first.
     *
     * <p>Context: blocks for the whole update; session calls made meanwhile wait, and fail with EOPNOTSUPP once the
     * successor has taken over. After it returns, this process owns nothing and leaves soon.
     *
     * <p>Undo: on throw everything is unfrozen and cancelled, no successor is left behind and this process goes on as
     * before, in the state NORMAL; still in UPDATED if not even a prepare was possible.
     *
     * @param kind which handover: {@code process}, or {@code kernel}
     * @param options what the handover understands, by name; for {@code process} see the documentation of its module
     * @throws LuoException EOPNOTSUPP if there is no such handover · EBUSY if an update is running, or an incoming
     *     session has been retrieved and not finished · ENOENT, naming the files, if the successor cannot read what is
     *     preserved · EAGAIN if a file's handler is gone · any errno of a handler's {@code freeze}
     */
    UpdateReport update(String kind, Map<String, String> options) throws LuoException;

    /**
     * Asks a handover whether a successor could take everything, without freezing anything.
     *
     * <p>Context: may start a successor and end it again; workloads run.
     *
     * @param kind which handover
     * @param options as with {@link #update}
     * @throws LuoException EOPNOTSUPP if there is no such handover or it can't tell · what {@link #update} would say
     */
    void checkSuccessor(String kind, Map<String, String> options) throws LuoException;

    /**
     * What every handler says about a file, in the order in which they are asked. Nothing is preserved.
     *
     * @throws LuoException EBADF if the fd is closed or O_PATH
     */
    List<HandlerVerdict> check(int fd) throws LuoException;

    /**
     * Lets go of one file of an outgoing session that somebody else holds.
     *
     * @throws LuoException ENOENT if there is no such session or file · EAGAIN if its handler is gone
     */
    void unpreserve(SessionName session, Token token) throws LuoException;

    /**
     * Finishes an incoming session that nobody has claimed, and removes it; its files are disposed of.
     *
     * @throws LuoException ENOENT if there is none of that name · EBUSY if somebody holds it, or a handler does not
     *     let a file go · EAGAIN if a file's handler is gone
     */
    void drop(SessionName session) throws LuoException;

    /**
     * Moves every file of one handler to another that reads its state: how a handler is upgraded while it holds files.
     *
     * <p>Shape: each outgoing file goes through a live update in small, from {@code freeze} by the one to {@code
     * preserve} by the other, and stays the file it is; incoming files that nobody has retrieved go on as they came. An
     * FLB that only the other handler needs and that reads one that only the first needs follows that one: it retrieves
     * its state and preserves its own. If files depend on others, those that depend are frozen first and taken last.
     * The other handler takes the first one's place for new files, and its bundle is pinned instead. The first one is
     * listed as rejected, and gets its place back if the other leaves, but not its files.
     *
     * <p>Context: waits its turn after other transitions; session calls that are made meanwhile wait.
     *
     * <p>Undo: the same, the other way round, if the first one reads the other's state. On throw no file has moved and
     * nothing has changed.
     *
     * @param from the string of the handler that has the files, or whose files are orphaned
     * @param to one of {@link #handlers()}: an active one that reads {@code from}, or a rejected one with the same
     *     string whose bundle has the same symbolic name
     * @return how many files have moved
     * @throws LuoException ENOENT if there is no such handler, or it does not read the state · EINVAL if they are the
     *     same, or if prepared or frozen · EEXIST if the same string is another name's · EBUSY naming a file that is
     *     retrieved and not finished, or that {@code canFinish} does not let go, or an FLB that is in use · ENODEV if an
     *     FLB that it needs is not there · EOPNOTSUPP if what is retrieved is not the same file · EAGAIN if a bundle is
     *     leaving · any errno of a callback that may fail
     */
    int adopt(Compatible from, HandlerInfo to) throws LuoException;

    /**
     * Moves everything that a bundle's handlers and FLBs keep to those of another one: how a bundle is upgraded while it
     * holds files. All of it or nothing; otherwise as {@link #adopt}.
     *
     * <p>Shape: each plug-in is followed by the one that writes the same format, if the other bundle has the same
     * symbolic name, or else by one that reads it. One that keeps nothing needs none to follow it.
     *
     * @param from symbolic name and id, as in {@link HandlerInfo#bundle()}
     * @param to the other one's, in the same form
     * @return how many files have moved, with those whose FLBs have
     * @throws LuoException ENOENT if the first has no plug-in, or naming what nothing in the other reads · as {@link #adopt}
     */
    int adoptBundle(String from, String to) throws LuoException;

    /** What live updates there have been, and how long they took. */
    Statistics statistics();

    /** Every subsystem, in order of registration, then states that came over for one that is not there. A copy. */
    List<SubsystemInfo> subsystems();

    /** Every session, outgoing ones first, each kind in order of creation. A copy. */
    List<SessionInfo> sessions();

    /** Every file of every session, in the order of {@link #sessions()} and of preservation. A copy. */
    List<FileInfo> files();

    /** Every file handler that is or was registered and matters still, in order of registration. A copy. */
    List<HandlerInfo> handlers();

    /** Every FLB that is registered or counted, in order of registration. A copy. */
    List<FlbInfo> flbs();

    /**
     * The callbacks of plug-ins that have been under way for long: for some seconds at least. A client's call in which one
     * has not returned for a minute fails with ETIMEDOUT, whatever comes of it later; until it returns, its session is
     * refused to others with EBUSY.
     */
    List<CallbackInfo> callbacks();

    /**
     * Every plug-in that is registered and not taken, with the reason: another has its string, it has given way to one
     * that adopted its files, or its constants are none. A copy.
     */
    List<RejectedPlugin> rejected();

    /** How many live updates led to this process: 0 after a cold start. */
    long liveUpdates();
}
