// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.luo.deploy.Deployment;
import org.luo.deploy.Deployment.Change;
import org.luo.deploy.Deployment.Status;
import org.luo.framework.deploy.Copies.Copy;
import org.luo.framework.deploy.Folder.Stamp;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** The files of the folder, by name, and what is done about each. Nothing here throws: it is kept as the reason. */
final class Entries {
    /** A file that can't be read is taken to be incomplete for so long. */
    private static final long INCOMPLETE_MILLIS = 2_000;

    private final Folder folder;
    private final Copies copies;
    private final Changes changes;
    private final Map<String, Entry> entries = new TreeMap<>();

    Entries(Folder folder, Copies copies, Changes changes) {
        this.folder = folder;
        this.copies = copies;
        this.changes = changes;
    }

    List<Deployment> describe() {
        return entries.values().stream().map(Entry::describe).toList();
    }

    List<Bundle> bundles() {
        return entries.values().stream()
                .map(Entry::bundle)
                .filter(bundle -> bundle != null)
                .toList();
    }

    /** The one whose bundle has this id. */
    Optional<Entry> running(long bundle) {
        return entries.values().stream()
                .filter(entry -> entry.bundle() != null && entry.bundle().getBundleId() == bundle)
                .findFirst();
    }

    /** The one for a bundle: its own, or a new one that no file stands behind yet. */
    Entry forBundle(String symbolicName) throws BundleException {
        for (Entry entry : entries.values()) {
            if (entry.holds(symbolicName)) {
                return entry;
            }
        }
        String file = symbolicName + ".jar";
        Entry inTheWay = entries.get(file);
        if (inTheWay != null && inTheWay.bundle() != null) {
            throw new BundleException(folder.path(file) + " is there already, and is of " + inTheWay.bundle());
        }
        return new Entry(folder.path(file), changes);
    }

    private Optional<Entry> running(String symbolicName) {
        return entries.values().stream()
                .filter(entry -> entry.runs(symbolicName))
                .findFirst();
    }

    void put(Entry entry) {
        entries.put(entry.file(), entry);
    }

    void remove(Entry entry) {
        entries.remove(entry.file());
    }

    /** Looks after those whose bundle's code has not returned. */
    void settle() {
        entries.values().stream().filter(Entry::isBusy).forEach(entry -> {
            try {
                entry.settle();
                if (entry.wanted() != Change.UNINSTALL && entry.bundle() != null && !entry.isNew()) {
                    entry.done();
                }
            } catch (BundleException e) {
                entry.failed(entry.wanted(), status(e), Changes.reason(e));
            }
        });
    }

    /** Uninstalls what has no file any more. */
    void retire(Map<String, Stamp> found) {
        for (Entry entry : List.copyOf(entries.values())) {
            if (!found.containsKey(entry.file())) {
                try {
                    entry.retire();
                    entry.candidate(null, null);
                    remove(entry);
                } catch (BundleException e) {
                    entry.failed(Change.UNINSTALL, status(e), Changes.reason(e));
                }
            }
        }
    }

    /** Updates what has changed, installs what is new, and tries again what has waited. */
    void take(Map<String, Stamp> found, boolean worldHasChanged) {
        found.forEach((file, stamp) -> {
            Entry entry = entries.computeIfAbsent(file, name -> new Entry(folder.path(name), changes));
            if (entry.isBusy()) {
                return; // what the file has now is found once it no longer is
            }
            boolean again = entry.status() == Status.PENDING
                    || worldHasChanged && entry.status() == Status.FAILED && !entry.isGone();
            if (again || !stamp.equals(entry.stamp())) {
                take(entry, stamp);
            } else if (entry.isGone() && entry.status() == Status.DONE) {
                entry.failed(Change.INSTALL, Status.FAILED, "uninstalled by hand; the next start installs it again");
            }
        });
    }

    private void take(Entry entry, Stamp stamp) {
        try {
            if (entry.candidate() == null || !stamp.equals(entry.stamp())) {
                entry.candidate(null, stamp);
                entry.candidate(copies.of(folder.path(entry.file())), stamp);
            }
            requireAlone(entry);
            entry.take();
            if (!entry.isNew()) {
                entry.done();
            }
        } catch (BundleException e) {
            boolean incomplete =
                    e.getType() == BundleException.MANIFEST_ERROR && stamp.isYoungerThan(INCOMPLETE_MILLIS);
            entry.failed(entry.wanted(), incomplete ? Status.PENDING : status(e), Changes.reason(e));
        }
    }

    private void requireAlone(Entry entry) throws BundleException {
        Optional<Entry> other = running(entry.candidate().jar().symbolicName());
        if (other.isPresent() && other.get() != entry) {
            throw new BundleException("its bundle is " + other.get().bundle() + " of "
                    + other.get().file() + " already");
        }
    }

    /** Starts what was installed; first what has another's place, so that it comes when that would have. */
    void startNew() {
        startNew(Entry::isBorrowed);
        startNew(entry -> true);
    }

    private void startNew(Predicate<Entry> which) {
        entries.values().stream()
                .filter(entry -> !entry.isBusy() && entry.isNew())
                .filter(which)
                .forEach(Entries::start);
    }

    private static void start(Entry entry) {
        try {
            entry.start();
            entry.done();
        } catch (BundleException e) {
            entry.failed(Change.INSTALL, e instanceof Step.Hangs ? Status.PENDING : Status.FAILED, Changes.reason(e));
        }
    }

    /** A refusal may be over soon; other failures need somebody to do something. */
    private static Status status(BundleException e) {
        return e.getType() == BundleException.REJECTED_BY_HOOK ? Status.PENDING : Status.FAILED;
    }

    /**
     * As {@link #take} and {@link #startNew} of one file, which is put there; on throw all is as before. If the bundle's
     * code does not return the file is there, and pending.
     */
    long deploy(Path jar) throws BundleException, IOException {
        settle();
        Copy copy = copies.of(jar);
        Entry entry = forBundle(copy.jar().symbolicName());
        entry.requireIdle();
        Stamp before = entry.stamp();
        try (Folder.Staged staged = folder.stage(entry.file(), copy.path())) {
            entry.candidate(copy, before);
            deploy(entry, staged);
        } finally {
            if (!entry.isBusy()) {
                entry.candidate(null, entry.stamp());
            }
        }
        return entry.bundle().getBundleId();
    }

    private void deploy(Entry entry, Folder.Staged staged) throws BundleException, IOException {
        try {
            entry.take();
            if (entry.isNew()) {
                entry.start();
            }
            entry.stamp(staged.commit());
            put(entry);
            entry.done();
        } catch (Step.Hangs e) {
            entry.stamp(staged.commit());
            put(entry);
            entry.failed(entry.wanted(), Status.PENDING, Changes.reason(e));
            if (entry.bundle() == null) {
                throw e;
            }
        }
    }

    /** A bundle that runs already, and its jar, which is put there. */
    void keep(Bundle running, Path jar) throws BundleException, IOException {
        Copy copy = copies.of(jar);
        Entry entry = forBundle(copy.jar().symbolicName());
        entry.requireIdle();
        try (Folder.Staged staged = folder.stage(entry.file(), copy.path())) {
            entry.stamp(staged.commit());
        }
        entry.adopt(running, copy);
        put(entry);
        entry.done();
    }
}
