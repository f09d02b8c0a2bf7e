// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/** The orchestrator and its memfd handler, on the framework with pins: the only one that Pax Exam finds. */
final class Platform {
    private static final Pattern BUNDLES =
            Pattern.compile("(org\\.osgi|org\\.apache\\.felix\\.scr|luo-(api|linux|core)|handler).*\\.jar");
    private static final List<String> SLF4J =
            List.of("org.slf4j", "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");

    private Platform() {}

    static Option[] bundles() throws IOException {
        Path bundles = Path.of(System.getProperty("luo.home"), "bundles");
        try (Stream<Path> jars = Files.list(bundles)) {
            return options(
                    // Pax Exam's own bundles ask for 1.7.
                    systemPackages(Stream.of("1.7.36", "2.0.0")
                            .flatMap(version -> SLF4J.stream().map(name -> name + ";version=" + version))
                            .toArray(String[]::new)),
                    composite(
                            jars.filter(jar -> BUNDLES.matcher(jar.getFileName().toString())
                                            .matches())
                                    .sorted()
                                    .map(jar -> bundle("reference:" + jar.toUri()))
                                    .toArray(Option[]::new)),
                    junitBundles());
        }
    }
}
