// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        TinyJar jar = new TinyJar(symbolicName, headers);
        boolean fragment = List.of(headers).stream().anyMatch(header -> header.startsWith(Constants.FRAGMENT_HOST));
        return (fragment ? jar : jar.with(ServiceActivator.class))
                .write(directory)
                .toUri()
                .toString();
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
