// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleRevision;

/** The bundles of a start: all are installed where they lie, then all but fragments are started. */
final class BundleSet {
    private static final String NESTED = "bundles/";

    private final BundleContext context;
    private final Map<Path, Bundle> installed = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    BundleSet(BundleContext context) {
        this.context = context;
    }

    /**
     * Installs every jar of these directories, by reference: nothing is copied. In order of the file names. Of a file,
     * the executable jar, those in its directory {@code bundles}, which the framework copies into its cache.
     *
     * @throws CannotStart if a directory or file can't be read
     */
    void install(List<Path> places) throws CannotStart {
        for (Path place : places) {
            if (Files.isRegularFile(place)) {
                installNested(place);
            } else {
                jars(place).forEach(this::install);
            }
        }
    }

    private void installNested(Path outer) throws CannotStart {
        try (JarFile jar = new JarFile(outer.toFile())) {
            List<String> names = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith(NESTED) && name.endsWith(".jar"))
                    .sorted()
                    .toList();
            if (names.isEmpty()) {
                throw new CannotStart("bundles: no " + NESTED + "*.jar in " + outer);
            }
            for (String name : names) {
                Path shown = Path.of(outer + "!", name);
                try (InputStream bytes = jar.getInputStream(jar.getEntry(name))) {
                    installed.put(shown, context.installBundle("luo:" + name, bytes));
                } catch (BundleException e) {
                    failures.add(shown + ": not installed: " + reason(e));
                }
            }
        } catch (IOException e) {
            throw new CannotStart("bundles: cannot read " + outer, e);
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

    /** @param without bundles that somebody else starts */
    void start(Collection<Bundle> without) {
        installed.forEach((jar, bundle) -> {
            try {
                if (!without.contains(bundle)
                        && (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
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
