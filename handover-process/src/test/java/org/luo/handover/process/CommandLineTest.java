// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;

class CommandLineTest {
    private static final Path SOCKET = Path.of("/run/luo/handover-1-1.sock");
    private static final List<String> OWN = List.of(
            "java",
            "-Xmx1g",
            "-Dluo.dir=/run/luo",
            "-Dluo.bundles=/a",
            "-cp",
            "lib/*",
            "org.luo.framework.Main",
            "-jar");

    @Test
    void theSuccessorIsStartedLikeThisProcess() throws LuoException {
        assertThat(CommandLine.successor(OWN, Options.parse(Map.of()), SOCKET))
                .containsExactly(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx1g",
                        "-Dluo.dir=/run/luo",
                        "-Dluo.bundles=/a",
                        "-cp",
                        "lib/*",
                        "-Dluo.standby=true",
                        "-Dluo.handover=" + SOCKET,
                        "org.luo.framework.Main",
                        "-jar");
    }

    @Test
    void bundlesAndJvmArgumentsReplaceAndFollow(@TempDir Path bundles) throws LuoException {
        Options options = Options.parse(Map.of("bundles", bundles.toString(), "jvm", " -Xmx2g  -Da=b "));
        assertThat(CommandLine.successor(OWN, options, SOCKET))
                .doesNotContain("-Dluo.bundles=/a")
                .containsSubsequence("-Xmx1g", "-Dluo.bundles=" + bundles, "-Xmx2g", "-Da=b", "org.luo.framework.Main");
    }

    @Test
    void commandLinesOfLaterGenerationsDoNotGrow() throws LuoException {
        Options options = Options.parse(Map.of());
        List<String> second = CommandLine.successor(OWN, options, SOCKET);
        assertThat(CommandLine.successor(second, options, SOCKET)).isEqualTo(second);
    }

    @Test
    void aFaultIsNotInherited() throws LuoException {
        Options faulty = Options.parse(Map.of("jvm", "-Dluo.handover.fault=ready:kill"));
        List<String> second = CommandLine.successor(OWN, faulty, SOCKET);
        assertThat(second).contains("-Dluo.handover.fault=ready:kill");
        assertThat(CommandLine.successor(second, Options.parse(Map.of()), SOCKET))
                .doesNotContain("-Dluo.handover.fault=ready:kill");
    }

    @Test
    void argumentsOfTheProgramAreLeftAlone() throws LuoException {
        List<String> own = List.of("java", "-jar", "luo.jar", "-Dluo.standby=x");
        assertThat(CommandLine.successor(own, Options.parse(Map.of()), SOCKET))
                .endsWith("-Dluo.handover=" + SOCKET, "-jar", "luo.jar", "-Dluo.standby=x");
    }

    @Test
    void anyLauncherWillDo() throws LuoException {
        Options options = Options.parse(Map.of());
        List<String> own = List.of(
                "java", "@flags", "--add-modules", "java.sql", "-cp", "a:b", "org.other.Main", "-Dluo.standby=x");
        List<String> second = CommandLine.successor(own, options, SOCKET);
        assertThat(second).endsWith("-Dluo.handover=" + SOCKET, "org.other.Main", "-Dluo.standby=x");
        assertThat(CommandLine.successor(second, options, SOCKET)).isEqualTo(second);
    }

    @Test
    void anEmptyArgumentIsOneToo() {
        assertThat(CommandLine.split("java\0\0-x\0".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("java", "", "-x");
    }

    @Test
    void thisProcesssIsKnown() throws LuoException {
        assertThat(CommandLine.own().getFirst()).endsWith("java");
    }
}
