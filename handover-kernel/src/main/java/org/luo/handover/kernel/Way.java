// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.OptionalLong;
import org.luo.LuoException;

/**
 * One way to get sessions of the kernel's. One process at a time can have {@code /dev/liveupdate} open, so it matters who
 * has it: {@link HandedIn}, {@link AgentSocket}, {@link OpenedDevice}, asked in this order.
 */
interface Way {
    /** For people: {@code by the agent at /run/luod/liveupdate.sock}. */
    String name();

    /**
     * Looks whether this way can be gone.
     *
     * @param creating whether a session is to be created, or else retrieved
     * @throws NotThisWay why not: the next one is tried
     */
    void require(boolean creating) throws NotThisWay;

    /** Whether any number of sessions can be created, to ask the kernel of files ahead of time. */
    boolean canAsk();

    /**
     * A new outgoing session.
     *
     * @throws LuoException as {@link LiveUpdateKernel#createSession}
     */
    int createSession(String name) throws LuoException;

    /**
     * A session that the kernel before has left.
     *
     * @throws LuoException as {@link LiveUpdateKernel#retrieveSession}
     */
    int retrieveSession(String name) throws LuoException;

    /**
     * Everything is in the session: hands it to whoever keeps it and boots, if there is somebody on this way.
     *
     * @return his pid
     * @throws LuoException if he does not take it
     */
    default OptionalLong handOn(int session) throws LuoException {
        return OptionalLong.empty();
    }

    /** Whether somebody on this way boots the next kernel; nobody else should then. */
    default boolean bootsElsewhere() {
        return false;
    }

    /** A session that was created this way is closed. */
    default void closed(int session) {}
}
