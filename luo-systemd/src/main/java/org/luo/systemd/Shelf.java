// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.Rescue.Snapshot;
import org.luo.linux.Fds;
import org.luo.linux.ServiceManager;
import org.luo.linux.ServiceManager.Conversation;
import org.luo.spi.FileIdentity;

/**
 * What the service manager keeps for us: the files of the latest ledger, and the ledger, which comes after all of its files
 * and before what only the one before needed goes. So whatever moment the process dies at, there is one that is whole.
 *
 * <p>A file is called after its identity. The manager takes the same open file only once, and a name's file is replaced by
 * removing the name first.
 *
 * <p>Context: one thread fills it. {@link #pause} and what it returns may come from another, in the blackout: it waits for
 * nobody, and nothing is changed until {@link #resume}.
 */
final class Shelf {
    private static final OpenFile BEFORE = new OpenFile(-1, new FileIdentity(0, 0));
    private static final int BESIDE_FILES = 3; // two ledgers for a moment, and a kernel session that has come

    private final ServiceManager manager;
    private final int most;

    // Guarded by this.
    private final Map<String, OpenFile> stored = new HashMap<>();
    private final Set<String> ledgers = new TreeSet<>();
    private final Set<String> underWay = new TreeSet<>();
    private final List<Runnable> before = new ArrayList<>();
    private int ledger = -1;
    private long sequence;
    private boolean paused;
    private boolean closed;

    /** @param most how many files the manager keeps */
    Shelf(ServiceManager manager, int most) {
        this.manager = manager;
        this.most = most;
    }

    /**
     * What a successor has to know.
     *
     * @param ledger fd of the latest one, -1 if there is none; stays ours
     * @param underWay names that the manager may have beside it
     */
    record Inventory(int ledger, Set<String> underWay) {}

    /** Stops changing anything. Undo: {@link #resume}. */
    synchronized Inventory pause() {
        paused = true;
        return new Inventory(ledger, Set.copyOf(underWay));
    }

    synchronized void resume() {
        paused = false;
        notifyAll();
    }

    /** Whether a live update is under way, or has led to a successor. */
    synchronized boolean isPaused() {
        return paused;
    }

    /** Nothing is changed any more: somebody else does. */
    synchronized void close() {
        closed = true;
        notifyAll();
        if (ledger >= 0) {
            Fds.close(ledger);
            ledger = -1;
        }
    }

    /** Has something done before the next snapshot, by the thread that takes it. */
    synchronized void later(Runnable task) {
        before.add(task);
    }

    /** Does what has been put off. */
    void settle() {
        List<Runnable> tasks;
        synchronized (this) {
            tasks = List.copyOf(before);
            before.clear();
        }
        tasks.forEach(Runnable::run);
    }

    /**
     * Takes over what a process before this one has put there.
     *
     * @param fd the ledger's, which is this object's from here on
     */
    synchronized void inherit(Ledger written, int fd, Iterable<String> besides) {
        written.files().forEach(file -> stored.put(Ledger.name(file), BEFORE));
        for (String name : besides) {
            if (Ledger.isLedger(name)) {
                ledgers.add(name);
            } else {
                stored.putIfAbsent(name, BEFORE);
            }
        }
        ledgers.add(Ledger.name(written.sequence()));
        sequence = Math.max(sequence, written.sequence());
        ledger = fd;
    }

    /** The highest number that a ledger may have had, so that later ones have higher ones. */
    synchronized void atLeast(long number) {
        sequence = Math.max(sequence, number);
    }

    /** Whether an fd of a file is needed to keep it. */
    synchronized boolean isWanted(OpenFile file) {
        OpenFile known = stored.get(Ledger.name(file.identity()));
        if (known == BEFORE) {
            stored.put(Ledger.name(file.identity()), file);
            return false;
        }
        return known != file;
    }

    /** How many files are kept. */
    synchronized int size() {
        return stored.size();
    }

    /**
     * Keeps exactly what a snapshot has.
     *
     * @throws LuoException ENOSPC if it is more than the manager takes: nothing is kept then · what telling it failed with ·
     *     ESTALE if this shelf is closed
     */
    void keep(Snapshot snapshot) throws LuoException {
        Map<String, OpenFile> wanted = new LinkedHashMap<>();
        List<FileIdentity> identities = new ArrayList<>(snapshot.files().size());
        for (OpenFile file : snapshot.files()) {
            wanted.put(Ledger.name(file.identity()), file);
            identities.add(file.identity());
        }
        try (Conversation conversation = manager.connect()) {
            if (wanted.size() + BESIDE_FILES > most) {
                clear(conversation);
                throw LuoException.of(
                        Errno.ENOSPC,
                        "the service manager keeps " + Amount.of(most, "file") + ", and "
                                + (wanted.size() + BESIDE_FILES) + " are needed; raise FileDescriptorStoreMax=");
            }
            for (Map.Entry<OpenFile, Integer> copy : snapshot.copies().entrySet()) {
                put(conversation, copy.getKey(), copy.getValue());
            }
            renew(conversation, new Ledger(nextSequence(), identities, snapshot.bytes()));
            for (String name : surplus(wanted.keySet())) {
                remove(conversation, name);
            }
        }
    }

    /** Has the manager forget everything. */
    void clear() throws LuoException {
        try (Conversation conversation = manager.connect()) {
            clear(conversation);
        }
    }

    private void clear(Conversation conversation) throws LuoException {
        for (String name : ledgers()) {
            removeLedger(conversation, name);
        }
        for (String name : surplus(Set.of())) {
            remove(conversation, name);
        }
    }

    private void put(Conversation conversation, OpenFile file, int fd) throws LuoException {
        String name = Ledger.name(file.identity());
        if (has(name)) {
            remove(conversation, name);
        }
        begin(name);
        conversation.tell("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, fd);
        synchronized (this) {
            awaitTurn();
            underWay.remove(name);
            stored.put(name, file);
        }
    }

    private void renew(Conversation conversation, Ledger next) throws LuoException {
        int fd = next.write();
        try {
            String name = Ledger.name(next.sequence());
            begin(name);
            conversation.tell("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, fd);
            Set<String> before = ledgers();
            synchronized (this) {
                awaitTurn();
                underWay.remove(name);
                ledgers.add(name);
                if (ledger >= 0) {
                    Fds.close(ledger);
                }
                ledger = fd;
                fd = -1;
            }
            for (String old : before) {
                removeLedger(conversation, old);
            }
        } finally {
            if (fd >= 0) {
                Fds.close(fd);
            }
        }
    }

    private void remove(Conversation conversation, String name) throws LuoException {
        conversation.tell("FDSTOREREMOVE=1\nFDNAME=" + name);
        synchronized (this) {
            awaitTurn();
            stored.remove(name);
        }
    }

    private void removeLedger(Conversation conversation, String name) throws LuoException {
        conversation.tell("FDSTOREREMOVE=1\nFDNAME=" + name);
        synchronized (this) {
            awaitTurn();
            ledgers.remove(name);
        }
    }

    private synchronized boolean has(String name) {
        return stored.containsKey(name);
    }

    private synchronized Set<String> ledgers() {
        return new HashSet<>(ledgers);
    }

    private synchronized List<String> surplus(Set<String> wanted) {
        return stored.keySet().stream().filter(name -> !wanted.contains(name)).toList();
    }

    private synchronized long nextSequence() {
        return ++sequence;
    }

    private synchronized void begin(String name) throws LuoException {
        awaitTurn();
        underWay.add(name);
    }

    /** This object's lock is held. */
    private void awaitTurn() throws LuoException {
        try {
            while (paused && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "fd store: interrupted", e);
        }
        if (closed) {
            throw LuoException.of(Errno.ESTALE, "fd store: it is the successor's");
        }
    }
}
