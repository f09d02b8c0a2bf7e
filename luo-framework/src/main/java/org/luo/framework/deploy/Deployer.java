// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.luo.deploy.DeployFolder;
import org.luo.deploy.Deployment;
import org.luo.deploy.Deployment.Status;
import org.luo.framework.deploy.Folder.Stamp;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has run what lies in the deploy folder: looks at it again and again, and does what is left to do.
 *
 * <p>Happy path: {@link #install} before the framework starts → {@link #start} when its other bundles have → {@link
 * #follow}. A change that is refused, since a preserved file needs the bundle, is tried again until it succeeds; what
 * fails, when the file or another bundle has changed. Bundles run from copies, so that a file may change while its bundle
 * must not.
 *
 * <p>Lock order: this → whatever the framework takes. Nothing that bundles call while they start waits for it: {@link
 * #deployments()} takes no lock.
 */
public final class Deployer implements DeployFolder {
    private static final Logger LOG = LoggerFactory.getLogger("luo.deploy");
    private static final long PENDING_MILLIS = 500;
    private static final long FAILED_MILLIS = 2_000;
    private static final long IDLE_MILLIS = 10_000;

    private final BundleContext context;
    private final Folder folder;
    private final Entries entries; // guarded by this
    private long world; // guarded by this
    private volatile List<Deployment> listed = List.of();

    /**
     * A deployer that has done nothing yet.
     *
     * @param context the framework's
     * @param directory the folder; made if there is none
     * @param copies where copies go; made when needed, and left to others to delete
     * @throws IOException if the directory can't be used, or others could use it
     */
    public Deployer(BundleContext context, Path directory, Path copies) throws IOException {
        this.context = context;
        this.folder = Folder.open(directory);
        this.entries = new Entries(folder, new Copies(copies), new Changes(context));
    }

    /** Installs what is there, and starts nothing. */
    public synchronized void install() throws IOException {
        entries.take(folder.scan(), false);
    }

    /** What {@link #install} has installed or updated; not to be started by anybody else. */
    public synchronized List<Bundle> bundles() {
        return entries.bundles();
    }

    /** Starts what {@link #install} has installed; what does not start is uninstalled again. */
    public synchronized void start() {
        entries.startNew();
        world = world();
        listed = entries.describe();
        context.registerService(DeployFolder.class, this, null);
    }

    /**
     * Follows what changes, on a thread of its own, until the framework ends.
     *
     * @param serving asked before each look: whether this process is the one to act
     */
    public void follow(BooleanSupplier serving) {
        Thread.ofPlatform().daemon().name("luo-deploy").start(() -> {
            try (folder) {
                while (context.getBundle().getState() == Bundle.ACTIVE) {
                    if (serving.getAsBoolean()) {
                        look();
                    }
                    folder.await(patience());
                }
            } catch (InterruptedException | IOException | IllegalStateException e) {
                LOG.debug("no longer following {}: {}", folder.path(), e.toString());
            }
        });
    }

    private long patience() {
        List<Status> all = listed.stream().map(Deployment::status).toList();
        if (all.contains(Status.PENDING)) {
            return PENDING_MILLIS;
        }
        return all.contains(Status.FAILED) ? FAILED_MILLIS : IDLE_MILLIS;
    }

    /** Looks once: uninstalls, updates, installs, starts. */
    public synchronized void look() {
        try {
            Map<String, Stamp> found = folder.scan();
            long before = world();
            entries.settle();
            entries.retire(found);
            entries.take(found, world != before);
            listed = entries.describe(); // a start may take its time
            entries.startNew();
            world = before; // what this look has changed is a reason for the next one to try again
        } catch (IOException e) {
            LOG.warn("cannot look into {}: {}", folder.path(), e.toString());
        } finally {
            listed = entries.describe();
        }
    }

    /** Another number when a bundle has come, got another version or gone; the same when one is what it was again. */
    private long world() {
        return Arrays.stream(context.getBundles())
                .mapToLong(bundle ->
                        31 * bundle.getBundleId() + bundle.getVersion().hashCode())
                .sum();
    }

    @Override
    public Path directory() {
        return folder.path();
    }

    @Override
    public List<Deployment> deployments() {
        return listed;
    }

    @Override
    public synchronized long deploy(Path jar) throws BundleException, IOException {
        try {
            return entries.deploy(jar);
        } finally {
            listed = entries.describe();
        }
    }

    @Override
    public synchronized boolean remove(long bundle) throws BundleException, IOException {
        Optional<Entry> entry = entries.running(bundle);
        if (entry.isEmpty()) {
            return false;
        }
        try {
            entry.get().retire();
            Files.deleteIfExists(folder.path(entry.get().file()));
            entries.remove(entry.get());
            return true;
        } catch (Step.Hangs e) {
            Files.deleteIfExists(folder.path(entry.get().file())); // so that it goes, and does not come again
            throw e;
        } finally {
            listed = entries.describe();
        }
    }

    @Override
    public synchronized void keep(long bundle, Path jar) throws BundleException, IOException {
        try {
            entries.keep(context.getBundle(bundle), jar);
        } finally {
            listed = entries.describe();
        }
    }
}
