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
                    + " everything, and is ended. With --kernel the status is 1 if a kexec would be refused; the"
                    + " kernel is asked of every file, and allocates their holes for that."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo check --pid 4711 --fd 5               a file that a process has open",
            "  luo check --fd 3 3<>/dev/shm/guest        a file that the shell opens",
            "  luo check --kernel                        whether everything could cross",
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

    @Option(names = "--kernel", description = "a kexec")
    private boolean kernel;

    @Mixin
    private SuccessorOptions options;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        if (kernel) {
            return client.call("kernel.check", Map.of());
        }
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
        if ((successor ? 1 : 0) + (kernel ? 1 : 0) + (fd >= 0 ? 1 : 0) != 1) {
            throw misused("give one of --fd N, --successor and --kernel");
        }
    }

    @Override
    int status(Map<String, Object> answer) {
        if (kernel) {
            return Boolean.TRUE.equals(answer.get("ready")) ? Main.DONE : Main.FAILED;
        }
        return successor || answer.get("kept_by") != null ? Main.DONE : Main.FAILED;
    }

    private static String formatKernel(Map<String, Object> answer) {
        Table machine = new Table("a kexec needs", "", "found");
        for (Map<String, Object> finding : Json.objects(answer, "machine")) {
            machine.row(Json.text(finding, "what"), Json.text(finding, "state"), Json.text(finding, "text"));
        }
        Table files = new Table("file", "format", "", "why");
        for (Map<String, Object> file : Json.objects(answer, "files")) {
            files.row(
                    Json.text(file, "file"),
                    Json.text(file, "compatible"),
                    Json.text(file, "fate"),
                    Json.text(file, "reason"));
        }
        String refusal = Table.printable(Json.text(answer, "refusal"));
        String verdict =
                Boolean.TRUE.equals(answer.get("ready")) ? "a kexec would take everything" : "a kexec would be refused";
        return machine + "\n" + (Json.objects(answer, "files").isEmpty() ? "" : files + "\n") + verdict
                + (refusal.isEmpty() ? "" : ": " + refusal);
    }

    @Override
    String format(Map<String, Object> answer) {
        if (kernel) {
            return formatKernel(answer);
        }
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
