// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Statistics;

/** What monitoring sees of the orchestrator, as {@value #NAME}. */
public interface OrchestratorMXBean {
    /** The object name. */
    String NAME = "org.luo:type=Orchestrator";

    /** {@code normal}, {@code prepared}, {@code frozen} or {@code updated}. */
    String getState();

    /** How many live updates led to this process. */
    long getLiveUpdates();

    /** Sessions whose files go over with the next live update. */
    int getOutgoingSessions();

    /** Sessions that came over. */
    int getIncomingSessions();

    /** Files of all sessions. */
    int getFiles();

    /** What live updates there have been, and how long they took. */
    Statistics getStatistics();
}
