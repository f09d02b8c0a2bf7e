// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.cli.doctor.Finding;
import org.luo.cli.doctor.Finding.Status;
import picocli.CommandLine;

/** {@code luo doctor} with and without a platform. */
@Timeout(30)
class DoctorCommandTest {
    private final StringWriter out = new StringWriter();

    @TempDir
    private Path dir;

    private int doctor(String... options) {
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(out, true));
        String[] all = new String[options.length + 3];
        all[0] = "doctor";
        all[1] = "--dir";
        all[2] = dir.toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return Main.execute(line, all);
    }

    private Map<String, Object> running() throws Exception {
        return Json.objects(Json.parse(out.toString().strip()), "findings").getFirst();
    }

    @Test
    void itNeedsNoPlatform() throws Exception {
        assertThat(doctor("--json")).isIn(Main.DONE, Main.FAILED);
        assertThat(Json.parse(out.toString().strip()))
                .containsEntry("pid", null)
                .containsEntry("dir", dir.toString());
        assertThat(running()).containsEntry("what", "running").containsEntry("status", "ok");
    }

    @Test
    void itAsksOneThatIsThere() throws Exception {
        long pid = ProcessHandle.current().pid();
        List<String> answers = List.of(
                "{\"result\":{\"pid\":" + pid + ",\"enforcement\":\"enforced\",\"not_active\":[\"org.luo.x\"]}}",
                "{\"result\":{\"handlers\":[{\"compatible\":\"memfd-p1\",\"status\":\"active\"}]}}");
        try (Answers _ = new Answers(dir, answers)) {
            assertThat(doctor("--json")).isEqualTo(Main.FAILED);
        }
        assertThat(running())
                .containsEntry("status", "fault")
                .containsEntry("found", "process " + pid + ", without org.luo.x");
    }

    @Test
    void aRemedyStandsBelowWhatItIsFor() {
        assertThat(DoctorCommand.format(List.of(
                        new Finding("memory", "memfds", Status.OK, "Linux\u001b", ""),
                        new Finding("memory", "pages", Status.NO, "none", "make some"),
                        new Finding("devices", "KVM", Status.NEVER, "EIO", "other"))))
                .isEqualTo("""
                    memory
                      memfds  ok       Linux?
                      pages   no       none
                                       -> make some

                    devices
                      KVM     never    EIO
                                       -> other\
                    """);
    }
}
