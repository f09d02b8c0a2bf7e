// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.options;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.Before;
import org.junit.Test;
import org.luo.Token;
import org.luo.spi.FileHandler;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** The framework's management bean, as a console uses it: what is pinned is refused with the holders' names. */
public final class JmxIT extends PinnedHandler {
    private static final List<String> JMX = List.of(
            "org.osgi.service.log", "org.apache.aries.util", "org.apache.aries.jmx.api", "org.apache.aries.jmx.core");
    private static final String[] ONE = {"long"};
    private static final long PATIENCE_MILLIS = 10_000;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private ObjectName framework;

    @Override
    @Configuration
    public Option[] platform() throws Exception {
        return options(
                composite(Platform.bundles()),
                composite(jmx()),
                CoreOptions.bundle("reference:" + configurationAdmin().toUri()));
    }

    /** From this test's own class path. */
    private static Option[] jmx() {
        List<String> path =
                List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator));
        return JMX.stream()
                .map(name -> path.stream()
                        .map(Path::of)
                        .filter(jar -> jar.getFileName().toString().startsWith(name + "-"))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(name + " is not on the class path: " + path)))
                .map(jar -> CoreOptions.bundle("reference:" + jar.toUri()))
                .toArray(Option[]::new);
    }

    private static Path configurationAdmin() throws Exception {
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("luo.home"), "bundles"))) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith("org.apache.felix.configadmin"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Before
    public void findTheBean() throws Exception {
        if (context.getServiceReference(MBeanServer.class) == null) {
            context.registerService(MBeanServer.class, server, null);
        }
        ObjectName pattern = new ObjectName("osgi.core:type=framework,*");
        Set<ObjectName> found = Set.of();
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS;
                found.isEmpty();
                found = server.queryNames(pattern, null)) {
            assertTrue("the bean comes", System.currentTimeMillis() < end);
            Thread.sleep(20);
        }
        framework = found.iterator().next();
    }

    private void invoke(String operation, String bundle) throws Exception {
        server.invoke(framework, operation, new Object[] {bundle(bundle).getBundleId()}, ONE);
    }

    private void updateFromUrl(String bundle) throws Exception {
        String location = bundle(bundle).getLocation();
        server.invoke(
                framework,
                "updateBundleFromURL",
                new Object[] {bundle(bundle).getBundleId(), location.substring(location.indexOf("file:"))},
                new String[] {"long", "java.lang.String"});
    }

    private interface Call {
        void on(String bundle) throws Exception;
    }

    private void refused(String operation, Call call) throws Exception {
        for (String name : List.of(HANDLER, "org.luo.api", "org.luo.core")) {
            Exception refusal = assertThrows(Exception.class, () -> call.on(name));
            assertTrue(
                    operation + " of " + name + ": " + everything(refusal),
                    everything(refusal)
                            .contains("EBUSY: " + operation + " of bundle " + name + " ["
                                    + bundle(name).getBundleId() + "] refused: 1 file preserved: vm1/0x1"));
            stays();
        }
    }

    /** What a console could show: the messages of an exception and its causes. */
    private static String everything(Throwable thrown) {
        StringBuilder all = new StringBuilder();
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            all.append(each).append('\n');
            if (each instanceof MBeanException wrapped && wrapped.getCause() == null) {
                all.append(wrapped.getTargetException()).append('\n');
            }
        }
        return all.toString();
    }

    @Test
    public void stopUpdateUninstallAndRefreshAreRefusedWithTheHolders() throws Exception {
        refused("stop", name -> invoke("stopBundle", name));
        refused("update", name -> invoke("updateBundle", name));
        refused("update", this::updateFromUrl);
        refused("uninstall", name -> invoke("uninstallBundle", name));
        refused("refresh", name -> invoke("refreshBundle", name));
    }

    @Test
    public void theSameWorksOnceNothingIsPreserved() throws Exception {
        session.unpreserve(Token.of(1));
        invoke("stopBundle", HANDLER);
        assertEquals(Bundle.RESOLVED, bundle(HANDLER).getState());
        invoke("startBundle", HANDLER);
        updateFromUrl(HANDLER);
        FileHandler before = awaitHandler();
        assertNotSame(instance, before);
        instance = before;
        session.preserve(fd, Token.of(1));
        refused("stop", name -> invoke("stopBundle", name));
        session.unpreserve(Token.of(1));
        invoke("refreshBundle", HANDLER);
        for (long end = System.currentTimeMillis() + PATIENCE_MILLIS; awaitHandler() == before; ) {
            assertTrue("the bundle is refreshed", System.currentTimeMillis() < end);
            Thread.sleep(20);
        }
        String location = bundle(HANDLER).getLocation();
        invoke("uninstallBundle", HANDLER);
        assertTrue(Stream.of(context.getBundles()).noneMatch(left -> HANDLER.equals(left.getSymbolicName())));
        context.installBundle(location).start(); // for the other tests, which share the framework
        assertNotSame(instance, awaitHandler());
    }
}
