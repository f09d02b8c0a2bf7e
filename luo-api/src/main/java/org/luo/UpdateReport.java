// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.List;

/**
 * What a live update did.
 *
 * @param kind the handover's kind
 * @param number how many live updates have led to the successor
 * @param predecessorPid the process that handed over
 * @param successorPid the process that took over
 * @param sessions sessions handed over
 * @param files files handed over
 * @param imageBytes size of the image in bytes, with what a draft said ahead of the blackout
 * @param blackoutNanos from the first freeze until the successor confirmed that it serves
 * @param phases every phase in order
 */
public record UpdateReport(
        String kind,
        long number,
        long predecessorPid,
        long successorPid,
        int sessions,
        int files,
        long imageBytes,
        long blackoutNanos,
        List<Phase> phases) {
    /**
     * One phase.
     *
     * @param name such as {@code boot}, {@code freeze}, {@code pass}
     * @param nanos how long it took
     * @param blackout whether it lies inside the blackout
     */
    public record Phase(String name, long nanos, boolean blackout) {}
}
