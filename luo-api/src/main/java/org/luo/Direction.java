// SPDX-License-Identifier: Apache-2.0
package org.luo;

/** Which side of a live update a session is on. */
public enum Direction {
    /** Created here, goes over with the next live update. */
    OUTGOING,
    /** Came over with the last one. */
    INCOMING
}
