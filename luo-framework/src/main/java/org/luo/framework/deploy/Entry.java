// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.nio.file.Path;
import java.util.Locale;
import org.luo.deploy.Deployment;
import org.luo.deploy.Deployment.Change;
import org.luo.deploy.Deployment.Status;
import org.luo.framework.deploy.Copies.Copy;
import org.luo.framework.deploy.Folder.Stamp;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of the folder, and the bundle that runs for it: its own, or one from elsewhere whose place it has taken.
 *
 * <p>Happy path: {@link #candidate} → {@link #take} → {@link #start} → candidate → take … → {@link #retire}. What is thrown on the way leaves the bundle as
 * it was; a bundle whose code does not return makes it busy, and others go on. Guarded by the {@link Deployer}, but for what
 * a {@link Step} does.
 */
final class Entry {
    private static final Logger LOG = LoggerFactory.getLogger("luo.deploy");

    /** How long others wait for a bundle's code; it may take longer. */
    private static final long PATIENCE_MILLIS = 2_000;

    private final String file;
    private final Path path;
    private final Changes changes;
    private Stamp stamp;
    private Copy candidate;
    private Copy content;
    private volatile Bundle bundle;
    private boolean borrowed;
    private boolean started;
    private Change wanted = Change.INSTALL;
    private Status status = Status.PENDING;
    private String reason = "not started yet";
    private Step step;

    Entry(Path path, Changes changes) {
        this.file = path.getFileName().toString();
        this.path = path;
        this.changes = changes;
    }

    String file() {
        return file;
    }

    /** Whether this is what it runs, or ran until somebody else uninstalled it. */
    boolean holds(String symbolicName) {
        return bundle != null && content.jar().symbolicName().equals(symbolicName);
    }

    /** Whether this is what runs for it. */
    boolean runs(String symbolicName) {
        return holds(symbolicName) && !isGone();
    }

    Bundle bundle() {
        return bundle;
    }

    Status status() {
        return status;
    }

    Stamp stamp() {
        return stamp;
    }

    void stamp(Stamp at) {
        stamp = at;
    }

    /** What the file has now; it is done when {@link #take} succeeds. Undo: null. */
    void candidate(Copy copy, Stamp at) {
        if (candidate != null) {
            candidate.delete();
        }
        candidate = copy;
        stamp = at;
        if (copy != null) {
            wanted = bundle == null || isGone() ? Change.INSTALL : Change.UPDATE;
        }
    }

    Copy candidate() {
        return candidate;
    }

    /** Whether a step has not returned, or nobody has {@linkplain #settle seen} yet that it has. */
    boolean isBusy() {
        return step != null;
    }

    /**
     * Ends being busy.
     *
     * @throws Step.Hangs if the step has not returned
     * @throws BundleException if it has failed
     */
    void settle() throws BundleException {
        if (!step.await(0)) {
            throw new Step.Hangs(step);
        }
        Step over = step;
        step = null;
        over.result();
    }

    /** @throws Step.Hangs if it is busy */
    void requireIdle() throws Step.Hangs {
        if (isBusy()) {
            throw new Step.Hangs(step);
        }
    }

    private void run(String what, Step.Body body) throws BundleException {
        requireIdle();
        step = Step.begin(what + " of " + file, body);
        step.await(PATIENCE_MILLIS);
        settle();
    }

    /** Whether somebody else has uninstalled the bundle. */
    boolean isGone() {
        return bundle != null && bundle.getState() == Bundle.UNINSTALLED;
    }

    /** Whether it has taken the place of a bundle from elsewhere. */
    boolean isBorrowed() {
        return borrowed;
    }

    /** Whether the file has a bundle that is not started yet. */
    boolean isNew() {
        return bundle != null && !started;
    }

    /**
     * Gives the bundle what the file has now; a new one is not started.
     *
     * @throws Step.Hangs if a bundle's code does not return; then it is busy
     * @throws BundleException if that is not possible; then the bundle is as it was
     */
    void take() throws BundleException {
        run(wanted.name().toLowerCase(Locale.ROOT), this::takeNow);
    }

    private void takeNow() throws BundleException {
        String name = candidate.jar().symbolicName();
        if (isGone() || bundle != null && !runs(name)) {
            retireNow();
        }
        if (bundle == null) {
            install(name);
        } else if (candidate.differsFrom(content)) {
            changes.update(bundle, candidate.path(), content.path());
        }
        keep(candidate);
        candidate = null;
    }

    private void install(String name) throws BundleException {
        Bundle present = changes.find(name);
        borrowed = present != null;
        if (borrowed) {
            changes.requireHome(present);
            changes.update(present, candidate.path(), null);
        }
        bundle = borrowed ? present : changes.install(path, candidate.path());
        started = borrowed && present.getState() == Bundle.ACTIVE;
    }

    /**
     * Starts a new bundle.
     *
     * @throws Step.Hangs if the bundle's code does not return; then it is busy
     * @throws BundleException if it does not start; then it is uninstalled again, or as it was elsewhere
     */
    void start() throws BundleException {
        run("start", this::startNow);
    }

    private void startNow() throws BundleException {
        try {
            changes.start(bundle);
            started = true;
        } catch (BundleException e) {
            BundleException failure = new BundleException(Changes.reason(e), e.getType(), e);
            try {
                retireNow();
            } catch (BundleException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
    }

    /**
     * Has nothing of the file run any more.
     *
     * @throws Step.Hangs if the bundle's code does not return; then it is busy
     */
    void retire() throws BundleException {
        run("uninstall", this::retireNow);
    }

    private void retireNow() throws BundleException {
        if (bundle != null && !isGone()) {
            if (borrowed) {
                changes.goHome(bundle);
                changes.start(bundle);
            } else {
                changes.uninstall(bundle);
            }
        }
        bundle = null;
        started = false;
        keep(null);
    }

    /** A bundle that came without this folder is the file's from here on. */
    void adopt(Bundle running, Copy now) {
        bundle = running;
        borrowed = false;
        started = true;
        keep(now);
    }

    private void keep(Copy now) {
        if (content != null && content != now) {
            content.delete();
        }
        content = now;
    }

    void done() {
        if (status != Status.DONE) {
            LOG.info("{}: {} runs for it", file, bundle);
        }
        status = Status.DONE;
        reason = "";
    }

    void failed(Change change, Status now, String why) {
        if (status != now || wanted != change || !reason.equals(why) && now == Status.FAILED) {
            LOG.warn("{}: {} {}: {}", file, word(change), now == Status.PENDING ? "waits" : "failed", why);
        }
        wanted = change;
        status = now;
        reason = why;
    }

    /** What the file asks for now. */
    Change wanted() {
        return wanted;
    }

    private static String word(Change change) {
        return change.name().toLowerCase(Locale.ROOT);
    }

    Deployment describe() {
        return new Deployment(
                file, bundle == null || isGone() ? Deployment.NONE : bundle.getBundleId(), wanted, status, reason);
    }
}
