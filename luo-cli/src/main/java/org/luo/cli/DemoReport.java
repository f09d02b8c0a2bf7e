// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Map;

/** The report of {@link Demo} as the short table that ends it. */
final class DemoReport {
    private DemoReport() {}

    static String format(Map<String, Object> report) {
        Table findings = new Table("what", "found")
                .row("blackout", UpdateCommand.milliseconds(Json.decimal(report, "blackout_ms")) + " ms")
                .row("files", Json.number(report, "files"))
                .row("bytes", Json.number(report, "bytes"))
                .row("processes", processes(report))
                .row("Shmem", shmem(report))
                .row(
                        "memory",
                        isTrue(report, "in_place") ? "the same inodes, nothing copied" : "not shown to be the same")
                .row("handler stop", isTrue(report, "refused") ? "refused while files are kept" : "NOT REFUSED")
                .row("verified", isTrue(report, "verified") ? "yes" : "NO");
        return "\n" + UpdateCommand.phases(report) + "\n\n" + findings;
    }

    private static String processes(Map<String, Object> report) {
        return Json.number(report, "predecessor_pid") + " -> " + Json.number(report, "successor_pid")
                + (isTrue(report, "predecessor_ended") && isTrue(report, "successor_ended") ? ", both have ended" : "");
    }

    private static String shmem(Map<String, Object> report) {
        return Json.number(report, "shmem_before_kb") + " kB before, " + Json.number(report, "shmem_after_kb")
                + " kB after, " + Json.number(report, "shmem_finished_kb") + " kB when finished";
    }

    private static boolean isTrue(Map<String, Object> report, String finding) {
        return Boolean.TRUE.equals(report.get(finding));
    }
}
