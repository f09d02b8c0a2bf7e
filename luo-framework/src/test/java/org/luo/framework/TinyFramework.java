// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.PinningFelix;
import org.luo.framework.tiny.ServiceActivator;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

/** A running framework with pins, and tiny bundles for it. */
final class TinyFramework implements AutoCloseable {
    private static final String ACTIVATOR = ServiceActivator.class.getName().replace('.', '/') + ".class";

    final Framework framework;
    final PinTable pins;
    private final Path directory;

    TinyFramework(Path directory) throws BundleException {
        this.directory = directory;
        framework = new PinningFrameworkFactory()
                .newFramework(new HashMap<>(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        directory.resolve("cache").toString(),
                        Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                        "10",
                        "felix.log.level",
                        "0")));
        framework.start();
        pins = ((PinningFelix) framework).pins();
    }

    /** Installs a bundle with these headers, given as {@code name: value}. */
    Bundle install(String symbolicName, String... headers) throws IOException, BundleException {
        return framework.getBundleContext().installBundle(location(symbolicName, headers));
    }

    /** Installs and starts a bundle that registers a service. */
    Bundle start(String symbolicName, String... headers) throws IOException, BundleException {
        Bundle bundle = install(symbolicName, headers);
        bundle.start();
        return bundle;
    }

    /** Where the jar of such a bundle lies, written anew. */
    String location(String symbolicName, String... headers) throws IOException {
        Path jar = directory.resolve(symbolicName + ".jar");
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        main.putValue(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
        main.putValue(Constants.IMPORT_PACKAGE, "org.osgi.framework");
        main.putValue(Constants.BUNDLE_ACTIVATOR, ServiceActivator.class.getName());
        for (String header : headers) {
            int colon = header.indexOf(": ");
            main.putValue(header.substring(0, colon), header.substring(colon + 2));
        }
        if (main.getValue(Constants.FRAGMENT_HOST) != null) {
            main.remove(new Attributes.Name(Constants.BUNDLE_ACTIVATOR));
        }
        write(jar, manifest);
        return jar.toUri().toString();
    }

    private static void write(Path jar, Manifest manifest) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                InputStream activator = TinyFramework.class.getClassLoader().getResourceAsStream(ACTIVATOR)) {
            entries.putNextEntry(new JarEntry(ACTIVATOR));
            activator.transferTo(entries);
            entries.closeEntry();
        }
    }

    /** The service object that a started bundle registers: another one after each start; null if there is none. */
    Object instance(Bundle bundle) throws InvalidSyntaxException {
        ServiceReference<?>[] found = framework
                .getBundleContext()
                .getServiceReferences(Object.class.getName(), "(tiny=" + bundle.getSymbolicName() + ")");
        return found == null ? null : framework.getBundleContext().getService(found[0]);
    }

    FrameworkWiring wiring() {
        return framework.adapt(FrameworkWiring.class);
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        try {
            framework.waitForStop(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
