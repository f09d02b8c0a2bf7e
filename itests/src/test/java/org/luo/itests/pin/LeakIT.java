// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Test;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** A handler's bundle that has come, kept files and gone, leaves nothing: neither its classes nor an fd. */
public final class LeakIT extends PinnedHandler {
    private static final int ROUNDS = 100;
    private static final int WARM_UP = 3;
    private static final int COLLECTIONS = 50;

    private String jar;

    /** The one that the platform has is replaced by copies of itself. */
    @Before
    public void uninstallTheFirst() throws Exception {
        session.unpreserve(Token.of(1));
        String location = bundle(HANDLER).getLocation();
        jar = location.substring(location.indexOf("file:"));
        instance = null;
        bundle(HANDLER).uninstall();
    }

    @Test
    public void aHundredHandlersLeaveNeitherClassesNorFds() throws Exception {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        TreeMap<Integer, String> before = null;
        for (int round = 0; round < WARM_UP + ROUNDS; round++) {
            if (round == WARM_UP) {
                before = openFds();
            }
            loaders.add(installUseAndUninstall(round));
        }
        assertTrue(await(PinTable.class).pinned().isEmpty());
        TreeMap<Integer, String> left = openFds(); // what the test's own framework has closed meanwhile is no leak
        left.entrySet().removeAll(before.entrySet());
        assertEquals(Map.of(), left);
        assertEquals(0, alive(loaders));
    }

    /** Does all that is done with a handler, short of a live update. */
    private WeakReference<ClassLoader> installUseAndUninstall(int round) throws Exception {
        Bundle bundle;
        try (InputStream content = URI.create(jar).toURL().openStream()) {
            bundle = context.installBundle("leak:" + round, content);
        }
        bundle.start();
        ClassLoader loader = awaitHandler().getClass().getClassLoader();
        assertEquals(bundle.adapt(BundleWiring.class).getClassLoader(), loader);
        session.preserve(fd, Token.of(1));
        orchestrator.prepare();
        orchestrator.freeze();
        orchestrator.cancel();
        assertEquals(1, orchestrator.files().size());
        session.unpreserve(Token.of(1));
        bundle.uninstall();
        return new WeakReference<>(loader);
    }

    private static long alive(List<WeakReference<ClassLoader>> loaders) throws InterruptedException {
        long alive = loaders.size();
        for (int i = 0; i < COLLECTIONS && alive > 0; i++) {
            System.gc();
            Thread.sleep(20);
            alive = loaders.stream().filter(loader -> loader.get() != null).count();
        }
        return alive;
    }

    /** What is open, but for what the JDK opens by itself. */
    private static TreeMap<Integer, String> openFds() throws IOException {
        TreeMap<Integer, String> open = new TreeMap<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : (Iterable<Path>) fds::iterator) {
                if (Files.isSymbolicLink(fd)) {
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!target.matches("/proc/\\d+/fd|.*/lib/modules")) {
                        open.put(Integer.valueOf(fd.getFileName().toString()), target);
                    }
                }
            }
        }
        return open;
    }
}
