// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Knows how to carry one kind of file across a live update. Registered as an OSGi service; being a service is being
 * registered, and the handler's bundle stays pinned while it keeps a file.
 *
 * <p>Life of a file, in the order of calls:
 *
 * <pre>
 * outgoing:  canPreserve, identity, preserve ─┬─ freeze ─┬─ (handed over)
 *                                             │          └─ unfreeze ─► as before freeze
 *                                             └─ unpreserve
 * incoming:  retrieve (at most once) ─ canFinish ─ finish
 * </pre>
 *
 * <p>Adoption by another version of the handler, in one process: the old one's {@code freeze}; the new one's
 * {@code retrieve}, {@code identity}, {@code canFinish}, {@code finish}, {@code preserve}; once that went well for every
 * file, the old one's {@code unfreeze} and {@code unpreserve}. So the new one preserves a file that the old one still
 * does, and what the old one then lets go must not be what the new one relies on.
 *
 * <p>Context: the callbacks of one file never overlap; those of different files may. No lock of the orchestrator but
 * the session's is held, so a callback must not call back into that session. {@code freeze} and {@code unfreeze} lie
 * in the blackout: no blocking, no allocation that can be made earlier. Every fd passed in is borrowed: it belongs to
 * the orchestrator, which keeps it open between {@code preserve} and the return of {@code unpreserve}, or of
 * {@code finish}.
 *
 * <p>Calling the orchestrator from a callback: listing is always allowed; another session may be used while nothing is
 * frozen; one's own session, a transition, and any session while everything is frozen are refused with EDEADLK or EBUSY.
 * So is one of two callbacks which want each other's sessions.
 *
 * <p>A callback that does not return in time is given up: a live update, an adoption or the client's call fails with
 * ETIMEDOUT, naming it. What it does later has no effect but that {@code unfreeze} or {@code unpreserve} takes it back;
 * what can't fail goes on to its end. In a client's call {@code canPreserve}, {@code preserve} and {@code canFinish} are
 * interrupted then.
 *
 * <p>An unchecked exception from a callback that can fail counts as EIO; from one that cannot, it is logged and the
 * orchestrator goes on.
 *
 * @see <a href="https://docs.kernel.org/core-api/liveupdate.html">struct liveupdate_file_ops</a>
 */
@ConsumerType
public interface FileHandler {
    /** The format this handler writes; unique among the handlers. Constant. */
    Compatible compatible();

    /** Older formats that {@link #retrieve} understands as well. Constant. */
    default List<Compatible> reads() {
        return List.of();
    }

    /**
     * The FLBs that must live while this handler keeps a file, first needed first. Constant.
     *
     * <p>They are preserved in this order before {@link #preserve}, and let go in reverse after {@link #unpreserve} or
     * {@link #finish}.
     */
    default List<Compatible> flbs() {
        return List.of();
    }

    /** Whether files of this handler may depend on others; {@link #dependencies} is asked only then. Constant. */
    default boolean hasDependencies() {
        return false;
    }

    /**
     * The files without which this one is of no use. They must be preserved too, in any session, or the update is
     * refused, naming them; this one is frozen before them and retrieved after them.
     *
     * <p>Context: asked when everything is prepared, and again in the blackout: must be quick.
     *
     * @param state what {@code preserve}, or an earlier {@code freeze}, returned
     */
    default List<FileDependency> dependencies(int fd, PluginState state) throws LuoException {
        return List.of();
    }

    /**
     * Whether this handler can keep the file.
     *
     * <p>Context: called for every file that somebody wants preserved; must be quick and must not change the file.
     */
    Verdict canPreserve(int fd);

    /**
     * What tells this file from every other, whichever fd it is seen through: usually its device and inode.
     *
     * @throws LuoException if it can't be found out; nothing is preserved then
     */
    FileIdentity identity(int fd) throws LuoException;

    /**
     * Begins to keep the file, which stays usable.
     *
     * <p>Undo: {@link #unpreserve}.
     *
     * @return the state so far; its fds are usually just this one
     * @throws LuoException if it can't be kept; nothing of it is left behind
     */
    PluginState preserve(int fd) throws LuoException;

    /** Lets go of a file that was preserved and is not frozen. */
    void unpreserve(int fd, PluginState state);

    /**
     * Makes the state final. Called just before the handover, in order of preservation.
     *
     * <p>Undo: {@link #unfreeze}, with the state returned here.
     *
     * @param state what {@code preserve}, or an earlier {@code freeze}, returned
     * @return what goes over
     * @throws LuoException if the file can't go over now: the update is given up and what was frozen is unfrozen
     */
    default PluginState freeze(int fd, PluginState state) throws LuoException {
        return state;
    }

    /** Takes a freeze back, since the update did not happen. */
    default void unfreeze(int fd, PluginState state) {}

    /**
     * Brings the file back.
     *
     * @param compatible the format of the state: this handler's own or one of {@link #reads}
     * @param state what the predecessor froze; its fds belong to the orchestrator
     * @return the file's fd: one of the state's, or a new one, which belongs to the orchestrator from then on
     * @throws LuoException if it can't be brought back; remembered, and not tried again
     */
    int retrieve(Compatible compatible, PluginState state) throws LuoException;

    /**
     * Whether the file, as far as it is this handler's to say, can cross a kexec: the kernel keeps what it knows to keep of
     * it and makes a new file of that, and {@link #crossedKernel} gets along with it. The kernel is asked as well.
     *
     * <p>Context: outside the blackout and in it; must be quick and must not change the file.
     *
     * @param state what {@code preserve} or {@code freeze} returned, or what came over and nobody has retrieved
     */
    default Verdict canCrossKernel(PluginState state) {
        return Verdict.no("its handler does not know how it comes out of a kexec");
    }

    /**
     * A file has crossed a kexec: what is in the state's place is a new one that the kernel has made. Puts right what the
     * kernel does not keep, and checks that the rest is there.
     *
     * <p>Context: once, while the successor deserializes and before anybody sees the file; it may go on unclaimed, over
     * whatever handover, afterwards.
     *
     * @param compatible the format of the state: this handler's own or one of {@link #reads}
     * @param state what was frozen, with the new file's fds
     * @return the state as it would be had the new file been frozen here, in the same format and with the same fds
     * @throws LuoException why the file is not what was frozen: the whole live update is refused then
     */
    default PluginState crossedKernel(Compatible compatible, PluginState state) throws LuoException {
        throw LuoException.of(Errno.EOPNOTSUPP, compatible + ": its handler does not know how it comes out of a kexec");
    }

    /**
     * Whether the file outlives a crash of the platform's process if somebody else holds it open meanwhile, and {@link
     * #outlivedCrash} gets along with it.
     *
     * <p>Context: outside the blackout; must be quick and must not change the file.
     *
     * @param state what {@code preserve} or {@code freeze} returned, or what came over
     */
    default Verdict canOutliveCrash(PluginState state) {
        return Verdict.no("its handler does not know what becomes of it when the platform crashes");
    }

    /**
     * The process that preserved a file has crashed. Its open file is the very same one, and nobody has frozen it.
     *
     * <p>Context: once, before anybody sees the file; it may have been used meanwhile, and still be.
     *
     * @param compatible the format of the state: this handler's own or one of {@link #reads}
     * @param state what {@code preserve}, or a later callback, returned; its fds are those of the same open files
     * @return the state as it would be had the file been frozen now, in the same format and with the same fds
     * @throws LuoException why the file is not the one that was preserved: everything that was rescued is refused then
     */
    default PluginState outlivedCrash(Compatible compatible, PluginState state) throws LuoException {
        throw LuoException.of(
                Errno.EOPNOTSUPP,
                compatible + ": its handler does not know what becomes of it when the platform crashes");
    }

    /** Whether the file may be finished now. Asked for every file of a session before any is finished. */
    default Verdict canFinish(PluginState state, Retrieval retrieval) {
        return Verdict.yes();
    }

    /** Ends the preservation on the incoming side. A file that was never retrieved is disposed of. */
    void finish(PluginState state, Retrieval retrieval);

    /** Runs what {@code freeze} will run, on files of its own, so that it is quick then. Outside the blackout. */
    default void rehearse() {}
}
