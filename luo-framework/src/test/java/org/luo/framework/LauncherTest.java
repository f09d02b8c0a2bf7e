// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The launcher from its start to its end. */
@Timeout(120)
final class LauncherTest extends Launching {
    @Test
    void startsServesAndEndsOnASignal() throws Exception {
        Process process = ready("tiny.files=0");
        assertThat(log(process)).containsPattern("luo ready in \\d+ ms: 1 bundle, pid " + process.pid());
        assertThat(run.resolve("pid")).hasContent(Long.toString(process.pid()));
        assertThat(run.resolve("cache-" + process.pid())).exists();
        process.destroy();
        ends(process, 0);
        assertThat(run.resolve("pid")).doesNotExist();
        assertThat(run.resolve("exit-status")).hasContent("0");
    }

    @Test
    void doesNotEndOnOneSignalWhileItKeepsFiles() throws Exception {
        Process process = ready("tiny.files=10");
        process.destroy();
        awaitLog(
                process,
                "SIGTERM: not stopping, 10 preserved files would be lost: vm1/0x0, vm1/0x1, vm1/0x2, vm1/0x3,"
                        + " vm1/0x4, vm1/0x5, vm1/0x6, vm1/0x7 and 2 more.");
        process.destroy();
        ends(process, 3);
        assertThat(run.resolve("exit-status")).hasContent("3");
    }

    @Test
    void endsByForce() throws Exception {
        Process process = ready("tiny.files=1", "--force");
        process.destroy();
        ends(process, 0);
    }

    @Test
    void aSecondColdStartIsRefused() throws Exception {
        Process first = ready("tiny.files=0");
        Process second = start("tiny.files=0");
        ends(second, 1);
        assertThat(log(second)).contains("a platform is running in " + run + " already, with pid " + first.pid());
        assertThat(run.resolve("pid")).hasContent(Long.toString(first.pid()));
    }

    @Test
    void aSuccessorTakesOverAndThePredecessorLeaves() throws Exception {
        Process predecessor = ready("tiny.files=0");
        Process successor = ready("tiny.files=0", "standby=true");
        assertThat(run.resolve("pid")).hasContent(Long.toString(successor.pid()));
        predecessor.destroy();
        ends(predecessor, 0);
        assertThat(run.resolve("pid")).hasContent(Long.toString(successor.pid()));
        assertThat(run.resolve("cache-" + successor.pid())).exists();
    }

    @Test
    void aColdStartFollowsAKilledPlatform() throws Exception {
        Process killed = ready("tiny.files=1");
        killed.destroyForcibly().waitFor();
        Process next = ready("tiny.files=0");
        assertThat(run.resolve("pid")).hasContent(Long.toString(next.pid()));
        assertThat(run.resolve("cache-" + killed.pid())).doesNotExist();
    }

    @Test
    void afterAHandoverItEndsAndThePidFileWaitsForTheSuccessor() throws Exception {
        Process predecessor = ready("tiny.files=0", "tiny.leaves=true");
        ends(predecessor, 0);
        assertThat(run.resolve("pid")).hasContent(Long.toString(predecessor.pid()));
        assertThat(run.resolve("exit-status")).doesNotExist();
        Process successor = ready("tiny.files=0", "standby=true");
        assertThat(run.resolve("pid")).hasContent(Long.toString(successor.pid()));
    }

    @Test
    void doesNotHangWhenABundleDoes() throws Exception {
        Process process = ready("tiny.files=0", "tiny.hangs=true");
        process.destroy();
        ends(process, 0);
        assertThat(log(process)).contains("the framework has not stopped within 10 s");
        assertThat(run.resolve("pid")).doesNotExist();
    }

    @Test
    void saysWhichBundlesDoNotStartAndWhy() throws Exception {
        new TinyJar("lonely", "Import-Package: not.there").write(bundles);
        Files.writeString(bundles.resolve("text.jar"), "no jar");
        Process process = start("tiny.files=0");
        ends(process, 1);
        assertThat(log(process))
                .containsPattern("lonely.jar: not started: .*not\\.there")
                .contains("text.jar: not installed: ")
                .contains("not started: 2 bundles failed");
    }

    @Test
    void goesOnWithoutThemIfToldTo() throws Exception {
        new TinyJar("lonely", "Import-Package: not.there").write(bundles);
        new TinyJar("fragment", "Fragment-Host: core").write(bundles);
        Process process = ready("tiny.files=0", "--lenient");
        assertThat(log(process)).contains("going on without " + bundles.resolve("lonely.jar"));
    }

    @Test
    void knowsNoOtherArguments() throws Exception {
        Process process = start("tiny.files=0", "--farce");
        ends(process, 1);
        assertThat(log(process)).contains("not started: unknown argument '--farce'");
    }

    @Test
    void saysWhatIsWrongWithItsRunDirectory() throws Exception {
        Files.createFile(run);
        Process process = start("tiny.files=0");
        ends(process, 1);
        assertThat(log(process)).contains("ERROR launcher - not started: run directory " + run + ": not a directory");
    }
}
