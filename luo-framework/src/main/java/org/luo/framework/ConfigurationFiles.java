// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Felix File Install is told: to make configurations of the files {@code PID.cfg} and {@code PID.config} that lie
 * beside the bundles, beside the executable jar or in the deploy folder, before their components come up, and when they
 * change. Bundles are not its business here.
 */
final class ConfigurationFiles {
    private static final String PREFIX = "felix.fileinstall.";

    private ConfigurationFiles() {}

    /** Framework properties. */
    static Map<String, String> in(List<Path> bundles, Path deploy) {
        return Map.of(
                PREFIX + "dir",
                Stream.concat(bundles.stream(), Stream.of(deploy))
                        .map(place -> Files.isRegularFile(place) ? place.getParent() : place)
                        .map(Path::toString)
                        .distinct()
                        .collect(Collectors.joining(",")),
                PREFIX + "filter",
                ".*\\.(cfg|config)",
                PREFIX + "noInitialDelay",
                "true",
                // A file counts when two looks in a row find it the same.
                PREFIX + "poll",
                "1000",
                // Nobody writes into the directories but their owner.
                PREFIX + "enableConfigSave",
                "false");
    }
}
