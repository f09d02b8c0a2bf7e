// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.Set;
import org.luo.Compatible;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What the orchestrator of a successor offers a handover. Published as a service in a framework started with the property
 * {@link #STANDBY}; it stays there when its work is done, since whoever calls {@link #serve} is in the midst of using it.
 */
@ProviderType
public interface IncomingSide {
    /**
     * Framework property: {@code true} makes the orchestrator wait for {@link #serve} instead of starting cold,
     * and so does {@link #KERNEL}.
     */
    String STANDBY = "luo.standby";

    /**
     * Value of {@link #STANDBY}: not a successor waits but a platform that starts anew, to find out whether a {@link Keeper}
     * has something: the kernel that was left, or a service manager. It owns the run directory as after a cold start.
     */
    String KERNEL = "kernel";

    /** The formats that can be read here. Grows as plug-ins come up. */
    Set<Compatible> readable();

    /** Warms up everything that {@link #deserialize} runs, once: the more often called, the warmer. Changes nothing. */
    void rehearse();

    /**
     * Runs what {@link #deserialize} and {@link #serve} run, on a small scale, so that the processor finds it in its
     * caches.
     *
     * <p>Context: while the predecessor is about to freeze; takes no more than a few milliseconds.
     */
    void touch();

    /**
     * Checks a draft and builds its sessions, ahead of the blackout; they are shown to nobody, and what {@link
     * #deserialize} does not confirm is dropped. Once.
     *
     * <p>All or nothing, as with {@link #deserialize}, which fails with the same errors.
     *
     * @see OutgoingSide#draft()
     */
    void anticipate(Image draft) throws LuoException;

    /**
     * Checks the whole image and builds its sessions from it.
     *
     * <p>All or nothing. On success the fds belong to the orchestrator; on throw they are still the caller's. The
     * identities in the image's files are those found here; that they are the ones sent is the caller's to check.
     *
     * @param image a whole one, or one that says what has changed since the draft that was anticipated
     * @throws LuoException EBADMSG with the offset and what is wrong there · ENOENT naming files that no handler reads
     */
    void deserialize(Image image) throws LuoException;

    /**
     * Begins to own what was deserialized, or nothing if nothing was, and opens the doors. In the blackout.
     *
     * @throws LuoException if a door does not open: this process must end then, and its predecessor goes on. If that has ended,
     *     {@link #publish} serves through the doors that are open; the others are tried again
     */
    void serve() throws LuoException;

    /**
     * Publishes the orchestrator to the applications, whose start may take a while. After {@link #serve}, outside the
     * blackout.
     */
    void publish();
}
