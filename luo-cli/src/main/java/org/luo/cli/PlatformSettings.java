// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How to start a platform.
 *
 * @param java the java executable
 * @param home the distribution: lib, bundles, workload
 * @param dir the run directory; its path has to leave room for a socket's name in 107 bytes
 * @param bundles directories of the bundles to install
 * @param log where standard output and error go
 * @param properties more system properties
 */
public record PlatformSettings(
        Path java, Path home, Path dir, List<Path> bundles, Path log, Map<String, String> properties) {
    static final String MAIN = "org.luo.framework.Main";

    /** The distribution with the sample workload at a directory, the log inside, on the present Java. */
    public static PlatformSettings of(Path home, Path dir) {
        return new PlatformSettings(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                home,
                dir,
                List.of(home.resolve("bundles"), home.resolve("workload")),
                dir.resolve("luo.log"),
                Map.of());
    }

    /** The same with another java executable. */
    public PlatformSettings withJava(Path executable) {
        return new PlatformSettings(executable, home, dir, bundles, log, properties);
    }

    /** The same with other directories of bundles. */
    public PlatformSettings withBundles(List<Path> directories) {
        return new PlatformSettings(java, home, dir, directories, log, properties);
    }

    /** The same with other system properties. */
    public PlatformSettings withProperties(Map<String, String> others) {
        return new PlatformSettings(java, home, dir, bundles, log, others);
    }

    /** The command line, equal to that of the script {@code luo}. */
    public List<String> commandLine() {
        List<String> line = new ArrayList<>(List.of(
                java.toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xms48m",
                "-Xmn24m",
                "-Xmx256m",
                "-Dluo.home=" + home,
                directoryArgument(),
                "-Dluo.bundles=" + bundles.stream().map(Path::toString).collect(Collectors.joining(":"))));
        properties.forEach((name, value) -> line.add("-D" + name + "=" + value));
        line.addAll(List.of("-cp", home.resolve("lib") + "/*", MAIN));
        return line;
    }

    /** The argument that all generations of the platform have in common. */
    String directoryArgument() {
        return "-Dluo.dir=" + dir;
    }
}
