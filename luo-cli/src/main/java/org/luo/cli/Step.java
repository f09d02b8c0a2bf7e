// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Locale;

/** What {@code luo update} does at once, step by step: the commands, and what to tell about where they lead. */
enum Step {
    PREPARE(
            "prepares a live update, while workloads run",
            "Subsystems serialize what takes long. Whatever is missing is named now.",
            "prepared; workloads run on. Next: luo freeze, luo update, or luo cancel",
            "  luo prepare && luo update             prepares at leisure, then updates"),
    FREEZE(
            "makes everything final, after prepare",
            "Calls on sessions, and programs at /dev/liveupdate, wait until luo update or luo cancel.",
            "frozen; session calls wait. Next: luo update, or luo cancel",
            "  luo prepare && luo freeze && luo cancel      whether all can be frozen"),
    CANCEL(
            "takes prepare and freeze back",
            "Workloads go on as if nothing had been.",
            "normal; workloads run on",
            "  luo cancel"),
    FINISH(
            "tells subsystems that the live update is over",
            "Happens by itself with the last session that is finished. Sessions nobody has finished stay.",
            "normal",
            "  luo finish                            after luo state says: updated");

    private final String description;
    private final String more;
    private final String reached;
    private final String[] examples;

    Step(String description, String more, String reached, String... examples) {
        this.description = description;
        this.more = more;
        this.reached = reached;
        this.examples = examples;
    }

    String command() {
        return name().toLowerCase(Locale.ROOT);
    }

    String[] description() {
        return new String[] {description, more};
    }

    String[] examples() {
        return examples.clone();
    }

    /** Where it has led. */
    String reached() {
        return reached;
    }
}
