// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import org.luo.LuoException;

/** What a kernel handover asks of the kernel: {@link RealKernel}, or a double in tests. Errnos are the kernel's. */
interface LiveUpdateKernel {
    /**
     * A new outgoing session. Undo: {@link #close}.
     *
     * @throws LuoException why there can't be one, with the remedy
     */
    int createSession(String name) throws LuoException;

    /**
     * A session that the kernel before has left.
     *
     * @throws LuoException ENOENT if there is none, or the kernel can't have any · anything else says why it can't be known
     */
    int retrieveSession(String name) throws LuoException;

    /** Gives a file to an outgoing session, until that is closed. */
    void preserve(int session, int fd, long token) throws LuoException;

    /** A file of an incoming session; its fd is the caller's. */
    int retrieve(int session, long token) throws LuoException;

    /** The files of an incoming session are no longer the kernel's; those that were not retrieved are freed. */
    void finish(int session) throws LuoException;

    /** Boots the kernel that is loaded. Returns by throwing. */
    void reboot() throws LuoException;

    /**
     * Has somebody else hold a session until the machine is rebooted: the agent that gave it, or a process that is started
     * for that and does nothing else.
     *
     * @return his pid
     */
    long handOn(int session) throws LuoException;

    /** Closes a session here, on whatever way it came. */
    void close(int session);

    /** How sessions are had now, and why not otherwise; for people. */
    String way();

    /** Whether sessions can be created at will, to ask the kernel of files without preserving them for good. */
    boolean canAsk();

    /** Whether somebody else boots the next kernel, once everything is in his session. */
    boolean bootsElsewhere();
}
