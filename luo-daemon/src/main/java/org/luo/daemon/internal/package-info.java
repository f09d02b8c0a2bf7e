// SPDX-License-Identifier: Apache-2.0
/**
 * The administration socket and the commands that are always there.
 *
 * <p>{@link org.luo.daemon.internal.AdminDoor} listens and is carried over a live update; each connection has a thread,
 * reads lines ({@link org.luo.daemon.internal.LineReader}), and has them run by the
 * {@link org.luo.daemon.internal.CommandTable}. {@link org.luo.daemon.internal.Traffic} says whether requests are taken
 * up: not in the blackout, and never again once a successor serves.
 */
package org.luo.daemon.internal;
