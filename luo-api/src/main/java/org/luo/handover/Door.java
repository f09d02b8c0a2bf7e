// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.Optional;
import org.luo.LuoException;
import org.luo.spi.PluginState;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where requests come in from outside: a listening socket and its connections. An OSGi service; the orchestrator opens
 * it when it begins to serve, and carries its sockets over, so that clients never find nobody listening.
 */
@ConsumerType
public interface Door {
    /** Unique among the doors, at most 47 ASCII characters. Constant. */
    String name();

    /**
     * Begins to serve.
     *
     * @param inherited what the predecessor's door of this name froze; its fds are the door's from here on. Empty after
     *     a cold start, or if there was no such door
     * @throws LuoException if it can't listen, with the remedy; nothing is left open, fds passed in are closed, and it may be
     *     asked again
     */
    void open(Optional<PluginState> inherited) throws LuoException;

    /**
     * Stops taking up requests, in the blackout, and says what the successor's door needs. What is being served already
     * may wait for the orchestrator. The fds stay this door's.
     *
     * @throws LuoException to give the update up
     */
    PluginState freeze() throws LuoException;

    /** Takes up what has happened outside already, such as the death of a client, so that a live update sees it. */
    default void settle() {}

    /** Runs what {@link #freeze} will run, so that it is quick then. Changes nothing. Outside the blackout. */
    default void rehearse() {}

    /**
     * What of its frozen state is to cross a kexec, after which no socket is left, nor anybody at its other end: a state
     * without fds, or nothing, and then the door opens as after a cold start.
     *
     * <p>Context: the blackout.
     *
     * @param frozen what {@link #freeze} has returned
     */
    default Optional<PluginState> acrossKernel(PluginState frozen) {
        return Optional.empty();
    }

    /**
     * What of it is to be there if this process crashes and another one begins anew: a state without fds, or nothing, and then
     * the door opens as after a cold start.
     *
     * <p>Context: outside the blackout, while it is open; nothing is stopped.
     *
     * @see Rescue
     */
    default Optional<PluginState> acrossCrash() {
        return Optional.empty();
    }

    /** Takes up requests again, since the update did not happen. */
    void unfreeze();

    /** Ends serving, since a successor does it: closes the sockets here without disturbing the successor's. */
    void close();

    /**
     * Whether requests are to come in while everything is frozen and no handover runs yet, because {@link
     * org.luo.Orchestrator#cancel} may be among them. Others wait at the door then. Constant.
     */
    default boolean servesWhileFrozen() {
        return false;
    }
}
