// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code luo check}. */
@Command(
        name = "check",
        description = {
            "says whether a file could be preserved, or whether a live update would be taken; changes nothing",
            "With --fd the status is 1 if no handler takes the file. With --successor one is started, gets a draft of"
                    + " everything, and is ended."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo check --pid 4711 --fd 5               a file that a process has open",
            "  luo check --fd 3 3<>/dev/shm/guest        a file that the shell opens",
            "  luo check --successor --java /usr/lib/jvm/jdk-26"
        })
final class CheckCommand extends PlatformCommand {
    private static final int NONE = -1;

    @Option(names = "--fd", paramLabel = "N", description = "the file descriptor")
    private int fd = NONE;

    @Option(names = "--pid", paramLabel = "P", description = "of this process; else of luo itself")
    private long pid = ProcessHandle.current().pid();

    @Option(names = "--successor", description = "a live update, with the options below")
    private boolean successor;

    @Mixin
    private SuccessorOptions options;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        if (!successor) {
            return client.call("check", Map.of("pid", pid, "fd", fd));
        }
        if (!isWatched()) {
            return client.call("check.successor", options.arguments());
        }
        try (UpdateProgress _ = new UpdateProgress(dir(), err())) {
            return client.call("check.successor", options.arguments());
        }
    }

    @Override
    boolean isSilent() {
        return successor && isWatched();
    }

    @Override
    void validate() {
        if (successor == (fd >= 0)) {
            throw misused("give either --fd N or --successor");
        }
    }

    @Override
    int status(Map<String, Object> answer) {
        return successor || answer.get("kept_by") != null ? Main.DONE : Main.FAILED;
    }

    @Override
    String format(Map<String, Object> answer) {
        if (successor) {
            return "a successor would take everything";
        }
        Table table = new Table("format", "takes it", "why not", "bundle");
        for (Map<String, Object> verdict : Json.objects(answer, "verdicts")) {
            table.row(
                    Json.text(verdict, "compatible"),
                    Boolean.TRUE.equals(verdict.get("takes")) ? "yes" : "no",
                    Json.text(verdict, "reason"),
                    Json.text(verdict, "bundle"));
        }
        String kept = answer.get("kept_by") == null
                ? "would be refused: no handler takes it [ENOENT]"
                : "would be kept as " + Json.text(answer, "kept_by");
        return "fd " + fd + " of process " + pid + ": " + Table.printable(Json.text(answer, "file")) + "\n" + table
                + "\n" + kept;
    }
}
