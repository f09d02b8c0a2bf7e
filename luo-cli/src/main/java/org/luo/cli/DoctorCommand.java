// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.luo.cli.doctor.Doctor;
import org.luo.cli.doctor.Finding;
import org.luo.cli.doctor.Finding.Status;
import org.luo.cli.doctor.Machine;
import org.luo.cli.doctor.RunningPlatform;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code luo doctor}: the only command that does without a platform, and asks one if there is one. */
@Command(
        name = "doctor",
        description = {
            "what this machine can preserve, why not the rest, and what to do about it; changes nothing",
            "ok: as it should be; no: files of this kind can't be kept here; never: nowhere; fault: the platform itself"
                    + " lacks it. The status is 1 if there is a fault."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo doctor", "  luo doctor --json | jq '.findings[] | select(.status != \"ok\")'"})
final class DoctorCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, AdminException {
        Path dir = main.dir(spec.commandLine());
        Optional<RunningPlatform> platform = ask(dir);
        Path home = Path.of(System.getProperty("luo.home", "."));
        List<Finding> findings = new Doctor(Machine.present(), home, platform).examine();
        if (main.json()) {
            Main.printJson(spec.commandLine().getOut(), json(dir, platform, findings));
        } else {
            spec.commandLine().getOut().println(format(findings));
        }
        return findings.stream().anyMatch(finding -> finding.status() == Status.FAULT) ? Main.FAILED : Main.DONE;
    }

    private static Optional<RunningPlatform> ask(Path dir) throws IOException, AdminException {
        try (AdminClient client = AdminClient.connect(dir)) {
            Map<String, Object> status = client.call("status", Map.of());
            List<String> handlers = Json.objects(client.call("handlers", Map.of()), "handlers").stream()
                    .filter(handler -> Json.text(handler, "status").equals("active"))
                    .map(handler -> Json.text(handler, "compatible"))
                    .toList();
            return Optional.of(new RunningPlatform(
                    Json.number(status, "pid"),
                    handlers,
                    Json.text(status, "enforcement").equals("enforced"),
                    Json.text(status, "not_active")));
        } catch (NoPlatformException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> json(Path dir, Optional<RunningPlatform> platform, List<Finding> findings) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("dir", dir.toString());
        object.put("pid", platform.map(RunningPlatform::pid).orElse(null));
        object.put("findings", findings.stream().map(Finding::json).toList());
        return object;
    }

    /** A block for each area; a remedy stands below what it is for. */
    static String format(List<Finding> findings) {
        int width = findings.stream().mapToInt(f -> f.what().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        String area = "";
        for (Finding finding : findings) {
            if (!finding.area().equals(area)) {
                area = finding.area();
                text.append(text.isEmpty() ? "" : "\n").append(area).append('\n');
            }
            String what = finding.what() + " ".repeat(width - finding.what().length());
            text.append(String.format(
                    "  %s  %-7s  %s%n", what, finding.status().toString(), Table.printable(finding.found())));
            if (!finding.remedy().isEmpty()) {
                text.append(" ".repeat(width + 13)).append("-> ").append(Table.printable(finding.remedy()));
                text.append('\n');
            }
        }
        return text.toString().stripTrailing();
    }
}
