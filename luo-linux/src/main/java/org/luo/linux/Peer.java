// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

/**
 * Who is at the other end of a socket: who called connect, listen or socketpair there, which the kernel vouches for.
 *
 * @param pid the process; may have ended, and its number been given to another, since
 * @param uid its effective user
 * @param gid its effective group
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">SO_PEERCRED</a>
 */
public record Peer(int pid, int uid, int gid) {}
