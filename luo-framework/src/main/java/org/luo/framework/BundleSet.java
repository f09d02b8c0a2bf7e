// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleRevision;

/** The bundles of a start: all are installed where they lie, then all but fragments are started. */
final class BundleSet {
    private final BundleContext context;
    private final Map<Path, Bundle> installed = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    BundleSet(BundleContext context) {
        this.context = context;
    }

    /**
     * Installs every jar of these directories, by reference: nothing is copied. In order of the file names.
     *
     * @throws CannotStart if a directory can't be read
     */
    void install(List<Path> directories) throws CannotStart {
        for (Path directory : directories) {
            jars(directory).forEach(this::install);
        }
    }

    private static List<Path> jars(Path directory) throws CannotStart {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
            found.forEach(jars::add);
        } catch (IOException e) {
            throw new CannotStart("bundles: cannot read the directory " + directory, e);
        }
        jars.sort(null);
        return jars;
    }

    private void install(Path jar) {
        try {
            installed.put(jar, context.installBundle("reference:" + jar.toUri()));
        } catch (BundleException e) {
            failures.add(jar + ": not installed: " + reason(e));
        }
    }

    void start() {
        installed.forEach((jar, bundle) -> {
            try {
                if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
                    bundle.start();
                }
            } catch (BundleException e) {
                failures.add(jar + ": not started: " + reason(e));
            }
        });
    }

    private static String reason(BundleException e) {
        return e.getCause() == null ? e.getMessage() : e.getMessage() + " (" + e.getCause() + ")";
    }

    /** One line for every bundle that did not come up. */
    List<String> failures() {
        return failures;
    }

    int size() {
        return installed.size();
    }
}
