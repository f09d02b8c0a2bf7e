// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** What a successor is to be: the options of {@code update} and of its dry run. */
final class SuccessorOptions {
    @Option(names = "--java", paramLabel = "HOME", description = "the successor's JDK; else the present one")
    private Path java;

    @Option(
            names = "--bundles",
            paramLabel = "DIR",
            description = "the successor's bundles; else the present ones; may be given several times")
    private List<Path> bundles;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "process",
            description = "which handover; else ${DEFAULT-VALUE}")
    private String kind;

    @Option(
            names = {"-o", "--option"},
            paramLabel = "NAME=VALUE",
            description = "more for the handover: timeout.boot=120; may be given several times")
    private Map<String, String> others = Map.of();

    /** As the platform takes them. */
    Map<String, Object> arguments() {
        Map<String, Object> arguments = new TreeMap<>(others);
        arguments.put("kind", kind);
        if (java != null) {
            arguments.put("java", java.toAbsolutePath().toString());
        }
        if (bundles != null) {
            arguments.put(
                    "bundles",
                    bundles.stream().map(dir -> dir.toAbsolutePath().toString()).collect(Collectors.joining(":")));
        }
        return arguments;
    }
}
