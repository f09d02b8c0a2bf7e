// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * What can be seen of a session.
 *
 * @param name its name
 * @param direction outgoing or incoming
 * @param files how many files it holds
 * @param claimed whether somebody holds it: always for an outgoing one, once retrieved for an incoming one
 * @param carried how many live updates it has gone on over because nobody claimed it; 0 for one that came with the
 *     update right after it was made
 */
public record SessionInfo(SessionName name, Direction direction, int files, boolean claimed, int carried) {}
