// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to bundles, each step all or nothing: a bundle that does not come up with its new content goes back to
 * what it had.
 */
final class Changes {
    private static final Logger LOG = LoggerFactory.getLogger("luo.deploy");
    private static final long REFRESH_SECONDS = 10;
    private static final int LONGEST_REASON = 500;

    private final BundleContext context;

    Changes(BundleContext context) {
        this.context = context;
    }

    /** The bundle of this symbolic name, null if there is none. */
    Bundle find(String symbolicName) throws BundleException {
        List<Bundle> found = Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .toList();
        if (found.size() > 1) {
            throw new BundleException("there are " + found.size() + " bundles " + symbolicName + " already");
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    Bundle bundle(long id) {
        return context.getBundle(id);
    }

    /** Installs a copy, so that the file may change; does not start it. Undo: {@link #uninstall}. */
    Bundle install(Path file, Path content) throws BundleException {
        try (InputStream in = Files.newInputStream(content)) {
            return context.installBundle(file.toUri().toString(), in);
        } catch (IOException e) {
            throw unreadable(content, e);
        }
    }

    /** Starts a bundle that is no fragment; on throw it is as before. */
    void start(Bundle bundle) throws BundleException {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
            bundle.start();
        }
    }

    /**
     * Gives a bundle other content, and starts it again if it was running.
     *
     * @param previous what it goes back to if it does not start; null for what lies at its location
     */
    void update(Bundle bundle, Path content, Path previous) throws BundleException {
        boolean running = (bundle.getState() & (Bundle.STARTING | Bundle.ACTIVE)) != 0;
        try {
            replace(bundle, content, running);
        } catch (Failed e) {
            throw new BundleException(e.getMessage() + goBack(bundle, previous, running), e.getType(), e.getCause());
        }
    }

    private String goBack(Bundle bundle, Path previous, boolean running) {
        try {
            replace(bundle, previous, running);
            return "; version " + bundle.getVersion() + " runs on";
        } catch (BundleException e) {
            LOG.error("{} could not go back to what it was: {}", bundle, reason(e));
            return "; what it was does not run either: " + reason(e);
        }
    }

    /** @throws BundleException if it could not go back home: what it came from was a part of another file */
    void requireHome(Bundle bundle) throws BundleException {
        if (bundle.getLocation().startsWith("luo:")) {
            throw new BundleException(bundle
                    + " came out of another file, and could not go back to that; it can't be replaced from here");
        }
    }

    /** Back to what lies at its location, from which it came before this folder had a jar of its name. */
    void goHome(Bundle bundle) throws BundleException {
        replace(bundle, null, (bundle.getState() & (Bundle.STARTING | Bundle.ACTIVE)) != 0);
    }

    void uninstall(Bundle bundle) throws BundleException {
        bundle.uninstall();
        refresh(bundle);
    }

    /** The bundle has its new content and does not come up. */
    private static final class Failed extends BundleException {
        private static final long serialVersionUID = 1L;

        Failed(BundleException cause) {
            super(reason(cause), cause.getType(), cause);
        }
    }

    /** @throws BundleException if nothing has changed; {@link Failed} if only the start did not succeed */
    private void replace(Bundle bundle, Path content, boolean start) throws BundleException {
        long before = bundle.getLastModified();
        try {
            update(bundle, content);
        } catch (BundleException e) {
            if (bundle.getLastModified() == before) {
                throw e;
            }
            throw new Failed(e);
        }
        refresh(bundle);
        try {
            if (start) {
                start(bundle);
            }
        } catch (BundleException e) {
            throw new Failed(e);
        }
    }

    private static void update(Bundle bundle, Path content) throws BundleException {
        if (content == null) {
            bundle.update();
            return;
        }
        try (InputStream in = Files.newInputStream(content)) {
            bundle.update(in);
        } catch (IOException e) {
            throw unreadable(content, e);
        }
    }

    /** Has those that are wired to what has gone wired anew. */
    private void refresh(Bundle bundle) {
        FrameworkWiring wiring = context.getBundle(0).adapt(FrameworkWiring.class);
        if (!wiring.getRemovalPendingBundles().contains(bundle)) {
            return;
        }
        CountDownLatch refreshed = new CountDownLatch(1);
        try {
            wiring.refreshBundles(List.of(bundle), event -> refreshed.countDown());
            if (!refreshed.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the refresh of {} lasts longer than {} s; not waiting for it", bundle, REFRESH_SECONDS);
            }
        } catch (IllegalStateException e) {
            LOG.warn("bundles wired to what {} was keep that: {}", bundle, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static BundleException unreadable(Path content, IOException e) {
        return new BundleException("cannot read " + content + ": " + e, BundleException.READ_ERROR, e);
    }

    /** Why something was refused, in one line that is not endless: jars say what they like. */
    static String reason(BundleException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        Throwable cause = e.getCause();
        boolean said = cause == null || cause.getMessage() != null && message.contains(cause.getMessage());
        String line = (said || e.getType() == BundleException.REJECTED_BY_HOOK ? message : message + " (" + cause + ")")
                .replaceAll("\\s+", " ")
                .strip();
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
    }
}
