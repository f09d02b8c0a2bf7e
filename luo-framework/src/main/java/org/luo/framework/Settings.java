// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.luo.handover.Launch;
import org.osgi.framework.Constants;
import org.slf4j.LoggerFactory;

/**
 * What the launcher is told, all by system properties.
 *
 * @param runDirectory {@code luo.dir}: where sockets and caches go; {@code /run/luo} for root and
 *     {@code $XDG_RUNTIME_DIR/luo} for others if not given
 * @param bundles {@code luo.bundles}: directories joined by {@code ':'}, every jar of which is installed and started;
 *     {@code bundles} in {@code luo.home} if not given; see {@link BundleSet} for what a file is
 * @param deploy {@code luo.deploy}: the folder whose jars are followed; {@code deploy} in the run directory if not given
 * @param standby {@code luo.standby}: {@code true} for a successor, which does not own the run directory yet
 * @param lenient {@code luo.lenient}: {@code true} to go on without the bundles that don't start
 * @param properties the framework's: every system property {@code luo.*}, {@code org.osgi.*} and {@code felix.*}
 */
record Settings(
        Path runDirectory,
        List<Path> bundles,
        Path deploy,
        boolean standby,
        boolean lenient,
        Map<String, String> properties) {
    /** The framework's start level once all bundles have been started; for bundles, in {@link Launch#UP}. */
    static final int UP = 2;

    private static final String DIR = "luo.dir";
    private static final String BUNDLES = "luo.bundles";
    private static final String DEPLOY = "luo.deploy";
    private static final String HOME = "luo.home";
    private static final List<String> PREFIXES = List.of("luo.", "org.osgi.", "felix.");

    /** What bundles see of the class path beside the pins. Everything of the JDK is exported by Felix. */
    private static final List<String> SLF4J =
            List.of("org.slf4j", "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");

    /**
     * Reads system properties.
     *
     * @param user the effective user, 0 for root
     * @param userDirectory the environment variable {@code XDG_RUNTIME_DIR}, or null
     * @throws CannotStart if something is missing
     */
    static Settings of(Properties system, int user, String userDirectory) throws CannotStart {
        Map<String, String> properties = new TreeMap<>();
        for (String name : system.stringPropertyNames()) {
            if (PREFIXES.stream().anyMatch(name::startsWith)) {
                properties.put(name, system.getProperty(name));
            }
        }
        Path runDirectory = runDirectory(properties.get(DIR), user, userDirectory);
        properties.put(DIR, runDirectory.toString());
        properties.merge(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, exports(), (theirs, ours) -> theirs + "," + ours);
        properties.putIfAbsent("felix.log.level", "2");
        properties.put(Launch.UP, Integer.toString(UP));
        List<Path> bundles = bundles(properties.get(BUNDLES), properties.get(HOME));
        Path deploy = Path.of(properties.getOrDefault(
                        DEPLOY, runDirectory.resolve("deploy").toString()))
                .toAbsolutePath();
        ConfigurationFiles.in(bundles, deploy).forEach(properties::putIfAbsent);
        return new Settings(
                runDirectory,
                bundles,
                deploy,
                Boolean.parseBoolean(properties.get("luo.standby")),
                Boolean.parseBoolean(properties.get("luo.lenient")),
                properties);
    }

    private static Path runDirectory(String given, int user, String userDirectory) throws CannotStart {
        if (given != null) {
            return Path.of(given).toAbsolutePath();
        }
        if (user == 0) {
            return Path.of("/run/luo");
        }
        if (userDirectory == null) {
            throw new CannotStart("no run directory: give one with -D" + DIR + "=, or set XDG_RUNTIME_DIR");
        }
        return Path.of(userDirectory, "luo");
    }

    private static List<Path> bundles(String given, String home) throws CannotStart {
        if (given == null && home == null) {
            throw new CannotStart("no bundles: give their directories with -D" + BUNDLES + "=, or -D" + HOME + "=");
        }
        List<Path> directories = new ArrayList<>();
        for (String directory : (given == null ? home + "/bundles" : given).split(":")) {
            if (!directory.isEmpty()) {
                directories.add(Path.of(directory).toAbsolutePath());
            }
        }
        return directories;
    }

    private static String exports() {
        String version = LoggerFactory.class.getPackage().getImplementationVersion();
        StringBuilder exports = new StringBuilder(PinningFrameworkFactory.EXPORT);
        SLF4J.forEach(name ->
                exports.append(',').append(name).append(";version=").append(version == null ? "2.0.0" : version));
        return exports.toString();
    }
}
