// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The executable jar behind its check of the Java version: without a command, or with {@code run}, the platform in the
 * foreground; with another one, the command line.
 *
 * <p>The bundles lie in the jar itself. {@code --dir} and {@code --bundles} are those of the script; a system property
 * has the last word, since that is how a live update tells the successor where its bundles are.
 *
 * @param dir the run directory, or null
 * @param bundles directories, or jars such as this one
 * @param rest all other arguments
 */
public record Executable(String dir, List<String> bundles, List<String> rest) {
    private static final int USAGE = 2;
    private static final String DIR = "luo.dir";
    private static final String BUNDLES = "luo.bundles";
    private static final String COMMAND_LINE = "org.luo.cli.Main";
    private static final Set<String> LAUNCHER = Set.of("run", "--force", "--lenient");
    private static final Set<String> DISTRIBUTION = Set.of("demo", "bench", "exec");

    /**
     * Runs the platform, or a command.
     *
     * @param arguments of the script {@code luo}
     * @throws Throwable what the command throws
     */
    public static void main(String[] arguments) throws Throwable {
        try {
            Executable line = parse(arguments);
            if (line.isPlatform()) {
                line.runPlatform();
            } else if (DISTRIBUTION.contains(line.rest.getFirst())) {
                throw new IllegalArgumentException(line.rest.getFirst() + " needs the distribution, the tar.gz;"
                        + " this jar runs the platform, and knows the commands that talk to it");
            } else {
                runCommand(arguments);
            }
        } catch (IllegalArgumentException e) {
            System.err.println("luo: " + e.getMessage());
            System.exit(USAGE);
        }
    }

    /** @throws IllegalArgumentException if an option has no value */
    static Executable parse(String... arguments) {
        String dir = null;
        List<String> bundles = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String[] option = arguments[i].split("=", 2);
            boolean isDir = option[0].equals("--dir");
            if (!isDir && !option[0].equals("--bundles")) {
                rest.add(arguments[i]);
                continue;
            }
            String value = option.length == 2 ? option[1] : ++i < arguments.length ? arguments[i] : "";
            if (value.isEmpty()) {
                throw new IllegalArgumentException(option[0] + " needs a directory");
            }
            if (isDir) {
                dir = value;
            } else {
                bundles.add(value);
            }
        }
        return new Executable(dir, bundles, rest);
    }

    boolean isPlatform() {
        return LAUNCHER.containsAll(rest);
    }

    private void runPlatform() throws URISyntaxException {
        setUnlessGiven(DIR, dir == null ? System.getenv("LUO_DIR") : dir);
        setUnlessGiven(BUNDLES, bundles.isEmpty() ? own().toString() : String.join(":", bundles));
        System.setProperty(Follower.PROPERTY, "true");
        Main.main(rest.stream().filter(argument -> !argument.equals("run")).toArray(String[]::new));
    }

    /** The jar. */
    private static Path own() throws URISyntaxException {
        return Path.of(Executable.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static void setUnlessGiven(String property, String value) {
        if (value != null && System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static void runCommand(String[] arguments) throws Throwable {
        try {
            Class.forName(COMMAND_LINE).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
