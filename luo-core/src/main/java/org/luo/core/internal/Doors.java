// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.handover.Door;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileDescriptors;
import org.luo.spi.PluginState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doors, and the sockets they inherit. Open exactly while this process serves; sockets that no door has taken are
 * kept for one that comes late, and go on with the next live update.
 *
 * <p>One that does not open is tried again ({@link #tryAgain}), and what it would have inherited is kept for it, but
 * for sockets, which it has closed. In a successor that is about to serve it is an error: its predecessor goes on.
 */
public final class Doors {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final FileDescriptors fds;
    private final Runnable whenShut;

    // Guarded by this.
    private final Map<Compatible, Door> doors = new LinkedHashMap<>();
    private final Map<Compatible, Door> opened = new LinkedHashMap<>();
    private final Map<Door, DoorRecord> frozen = new LinkedHashMap<>();
    private final Map<Compatible, DoorRecord> inherited = new LinkedHashMap<>();
    private final Map<Compatible, LuoException> shut = new LinkedHashMap<>();
    private boolean open;
    private boolean freezing;
    private boolean trying;

    /** @param whenShut has {@link #tryAgain} called from time to time until none is left */
    Doors(FileDescriptors fds, Runnable whenShut) {
        this.fds = fds;
        this.whenShut = whenShut;
    }

    /** A door has come; it is opened if this process serves. One without a name of its own stays shut for good. */
    public synchronized void add(Door door) {
        try {
            Compatible name = Callbacks.failing("a door", "name", () -> Compatible.of(door.name()));
            if (doors.putIfAbsent(name, door) != null) {
                throw LuoException.of(Errno.EEXIST, "there is a door " + name + " already");
            }
            if (open) {
                attempt(name, door);
            }
        } catch (LuoException e) {
            LOG.error("door of {} stays shut: {}", door.getClass().getName(), e.getMessage());
        }
    }

    /** A door has gone. */
    public synchronized void remove(Door door) {
        shut.keySet().removeIf(name -> doors.get(name) == door);
        doors.values().remove(door);
        frozen.remove(door);
        if (opened.values().remove(door)) {
            Callbacks.unfailing("door", "close", door::close);
        }
    }

    /** What has been closed outside has been closed here. */
    synchronized void settle() {
        opened.values().forEach(door -> Callbacks.unfailing("door", "settle", door::settle));
    }

    synchronized void rehearse() {
        doors.values().forEach(door -> Callbacks.unfailing("door", "rehearse", door::rehearse));
    }

    synchronized void inherit(List<DoorRecord> records) {
        records.forEach(record -> inherited.put(record.name(), record));
    }

    /** Opens those that can be opened. */
    synchronized void open() {
        open = true;
        doors.forEach(this::attempt);
    }

    /** Tries to open what did not open before; not while everything is frozen. @return whether any is left */
    synchronized boolean tryAgain() {
        if (!freezing) {
            List.copyOf(shut.keySet()).forEach(name -> attempt(name, doors.get(name)));
        }
        trying = !shut.isEmpty();
        return trying;
    }

    private void attempt(Compatible name, Door door) {
        try {
            open(name, door);
            if (shut.remove(name) != null) {
                LOG.info("door {} is open at last", name);
            }
        } catch (LuoException e) {
            LuoException before = shut.put(name, e);
            if (before == null || !before.getMessage().equals(e.getMessage())) {
                LOG.error("door {} is shut, and tried again until it opens: {}", name, e.getMessage());
            }
            if (!trying) {
                Callbacks.unfailing("host", "doorShut", () -> {
                    whenShut.run();
                    trying = true;
                });
            }
        }
    }

    private void open(Compatible name, Door door) throws LuoException {
        DoorRecord record = inherited.get(name);
        try {
            Callbacks.failing("door " + name, "open", () -> {
                door.open(
                        Optional.ofNullable(record).map(found -> found.carried().state()));
                return door;
            });
        } catch (LuoException e) {
            inherited.computeIfPresent(name, (same, kept) -> hasSockets(kept) ? null : kept);
            throw e;
        }
        inherited.remove(name);
        opened.put(name, door);
    }

    private static boolean hasSockets(DoorRecord record) {
        return !record.carried().files().isEmpty();
    }

    /** @throws LuoException why the first one of those that are shut does not open */
    synchronized void requireAll() throws LuoException {
        if (!shut.isEmpty()) {
            throw shut.values().iterator().next();
        }
    }

    /** The names of those that are open. */
    synchronized List<String> opened() {
        return opened.keySet().stream().map(Compatible::text).toList();
    }

    /** The names of those that do not open, with the reasons. */
    synchronized Map<String, String> shut() {
        Map<String, String> reasons = new LinkedHashMap<>();
        shut.forEach((name, why) -> reasons.put(name.text(), why.getMessage()));
        return reasons;
    }

    /**
     * Freezes those open doors that are wanted and not frozen yet. Undo, also when it throws: {@link #unfreeze}.
     *
     * @throws LuoException if one does not freeze
     */
    synchronized void freeze(Predicate<Door> wanted) throws LuoException {
        freezing = true;
        for (Map.Entry<Compatible, Door> entry : opened.entrySet()) {
            Door door = entry.getValue();
            if (!frozen.containsKey(door) && wanted.test(door)) {
                PluginState state = Callbacks.failing("door " + entry.getKey(), "freeze", door::freeze);
                frozen.put(door, null);
                frozen.put(door, new DoorRecord(entry.getKey(), Carried.of(state, fds)));
            }
        }
    }

    /** What goes over, once all are frozen. */
    synchronized List<DoorRecord> records() {
        return Stream.concat(frozen.values().stream(), inherited.values().stream())
                .toList();
    }

    /** What goes over a kexec, once all are frozen: no sockets. */
    synchronized List<DoorRecord> recordsForKernel() throws LuoException {
        List<DoorRecord> records = withoutSockets();
        for (Map.Entry<Door, DoorRecord> each : frozen.entrySet()) {
            DoorRecord record = each.getValue();
            Optional<PluginState> state = Callbacks.failing(
                    "door " + record.name(),
                    "acrossKernel",
                    () -> each.getKey().acrossKernel(record.carried().state()));
            state.ifPresent(kept ->
                    records.add(new DoorRecord(record.name(), new Carried(PluginState.of(kept.data()), List.of()))));
        }
        return records;
    }

    /** What would be there after a crash: no sockets. */
    synchronized List<DoorRecord> recordsForCrash() throws LuoException {
        List<DoorRecord> records = withoutSockets();
        for (Map.Entry<Compatible, Door> door : opened.entrySet()) {
            Optional<PluginState> state =
                    Callbacks.failing("door " + door.getKey(), "acrossCrash", door.getValue()::acrossCrash);
            state.ifPresent(kept ->
                    records.add(new DoorRecord(door.getKey(), new Carried(PluginState.of(kept.data()), List.of()))));
        }
        return records;
    }

    /** What came over without sockets, and waits for a door that does not open. */
    private List<DoorRecord> withoutSockets() {
        return inherited.values().stream()
                .filter(record -> !hasSockets(record))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Unfreezes what is frozen, latest first. */
    synchronized void unfreeze() {
        new ArrayList<>(frozen.keySet())
                .reversed()
                .forEach(door -> Callbacks.unfailing("door", "unfreeze", door::unfreeze));
        frozen.clear();
        freezing = false;
    }

    /** Closes all doors, for good, and the sockets that no door took. */
    synchronized void close() {
        opened.values().forEach(door -> Callbacks.unfailing("door", "close", door::close));
        opened.clear();
        frozen.clear();
        shut.clear();
        open = false;
        inherited.values().stream()
                .flatMap(record -> record.carried().files().stream())
                .mapToInt(OpenFile::fd)
                .forEach(fds::close);
        inherited.clear();
    }
}
