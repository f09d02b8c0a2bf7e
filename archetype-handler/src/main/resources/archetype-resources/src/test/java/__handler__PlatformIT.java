package ${package};

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.function.BooleanSupplier;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.spi.FileHandler;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/** The bundle in a real framework: it keeps a file, it can't go meanwhile, and it takes its configuration. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class ${handler}PlatformIT {
    private static final String NAME = "${package}";
    private static final Token TOKEN = Token.of(1);

    private BundleContext context;
    private OutgoingSession session;
    private Path file;
    private int fd;

    @Configuration
    public Option[] platform() {
        return Platform.bundles();
    }

    @Before
    public void open() throws Exception {
        context = FrameworkUtil.getBundle(getClass()).getBundleContext();
        session = await(Orchestrator.class).createSession(SessionName.of("vm1"));
        await(FileHandler.class);
        file = Files.createTempFile(Path.of("/dev/shm"), "platform-", "");
        fd = FileIo.open(file, FileIo.O_RDWR, 0);
    }

    @After
    public void close() throws Exception {
        session.close();
        Fds.close(fd);
        Files.delete(file);
    }

    @Test
    public void theBundleStaysWhileItKeepsAFile() throws Exception {
        session.preserve(fd, TOKEN);
        BundleException refused = assertThrows(BundleException.class, bundle()::stop);
        assertTrue(refused.getMessage(), refused.getMessage().endsWith("refused: 1 file preserved: vm1/0x1"));
        session.unpreserve(TOKEN);
        bundle().stop();
        assertThrows(LuoException.NotFound.class, () -> session.preserve(fd, TOKEN));
        bundle().start();
        await(FileHandler.class);
        session.preserve(fd, TOKEN);
    }

    @Test
    public void aConfigurationCountsFromTheNextFileOn() throws Exception {
        session.preserve(fd, TOKEN);
        FileHandler before = await(FileHandler.class);
        configure("/nowhere");
        waitFor(() -> !before.canPreserve(fd).ok());
        assertEquals("not below /nowhere", before.canPreserve(fd).reason());
        assertEquals(before, await(FileHandler.class));
        configure("relative, so it is refused and the one before stays");
        Thread.sleep(200); // else the framework may never look at it
        assertEquals("not below /nowhere", before.canPreserve(fd).reason());
        configure("/dev/shm");
        waitFor(() -> before.canPreserve(fd).ok());
        assertEquals(before, await(FileHandler.class));
    }

    private void configure(String directory) throws Exception {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("directory", directory);
        await(ConfigurationAdmin.class).getConfiguration(NAME + ".${handler}Handler", "?").update(properties);
    }

    private static void waitFor(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertTrue(condition.getAsBoolean());
    }

    private Bundle bundle() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> NAME.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    /** A service that this bundle holds until it is stopped. */
    private <T> T await(Class<T> type) throws InterruptedException {
        ServiceTracker<T, T> tracker = new ServiceTracker<>(context, type, null);
        tracker.open();
        try {
            tracker.waitForService(10_000);
            return context.getService(context.getServiceReference(type));
        } finally {
            tracker.close();
        }
    }
}
