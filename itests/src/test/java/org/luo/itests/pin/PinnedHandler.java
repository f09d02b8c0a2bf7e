// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;

import java.net.URI;
import java.util.Arrays;
import org.junit.After;
import org.junit.Before;
import org.junit.runner.RunWith;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Memfd;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.util.tracker.ServiceTracker;

/** The orchestrator and its memfd handler, on the framework with pins; a session keeps one file. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public abstract class PinnedHandler {
    static final String HANDLER = "org.luo.handler.memfd";

    /** There are others. */
    static final String MEMFD = "(component.name=org.luo.handler.memfd.MemfdHandler)";

    BundleContext context;
    Orchestrator orchestrator;
    OutgoingSession session;
    FileHandler instance;
    int fd;

    @Configuration
    public Option[] platform() throws Exception {
        return Platform.bundles();
    }

    @Before
    public void preserve() throws Exception {
        context = FrameworkUtil.getBundle(getClass()).getBundleContext();
        orchestrator = await(Orchestrator.class);
        instance = awaitHandler();
        session = orchestrator.createSession(SessionName.of("vm1"));
        fd = Memfd.create("memory", 0);
        session.preserve(fd, Token.of(1));
    }

    @After
    public void close() throws Exception {
        session.close();
        await(FileDescriptors.class).close(fd);
    }

    <T> T await(Class<T> type) throws Exception {
        return await(type, "(objectClass=*)");
    }

    FileHandler awaitHandler() throws Exception {
        return await(FileHandler.class, MEMFD);
    }

    private <T> T await(Class<T> type, String which) throws Exception {
        Filter filter = context.createFilter("(&(objectClass=" + type.getName() + ")" + which + ")");
        ServiceTracker<T, T> tracker = new ServiceTracker<>(context, filter, null);
        tracker.open();
        try {
            return tracker.waitForService(10_000);
        } finally {
            tracker.close();
        }
    }

    Bundle bundle(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    void stays() throws Exception {
        assertEquals(Bundle.ACTIVE, bundle(HANDLER).getState());
        assertSame(instance, awaitHandler());
        assertEquals(1, orchestrator.files().size());
    }

    static void update(Bundle bundle) throws Exception {
        String location = bundle.getLocation();
        bundle.update(URI.create(location.substring(location.indexOf("file:")))
                .toURL()
                .openStream());
    }
}
