// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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
 */
public final class Doors {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final FileDescriptors fds;

    // Guarded by this.
    private final Map<Compatible, Door> doors = new LinkedHashMap<>();
    private final Map<Compatible, Door> opened = new LinkedHashMap<>();
    private final Map<Door, DoorRecord> frozen = new LinkedHashMap<>();
    private final Map<Compatible, DoorRecord> inherited = new LinkedHashMap<>();
    private boolean open;

    Doors(FileDescriptors fds) {
        this.fds = fds;
    }

    /** A door has come; it is opened at once if this process serves. One without a name of its own stays shut. */
    public synchronized void add(Door door) {
        try {
            Compatible name = Callbacks.failing("a door", "name", () -> Compatible.of(door.name()));
            if (doors.putIfAbsent(name, door) != null) {
                throw LuoException.of(Errno.EEXIST, "there is a door " + name + " already");
            }
            if (open) {
                open(name, door);
            }
        } catch (LuoException e) {
            LOG.error("door of {} stays shut: {}", door.getClass().getName(), e.getMessage());
        }
    }

    /** A door has gone. */
    public synchronized void remove(Door door) {
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

    synchronized void open() throws LuoException {
        open = true;
        for (Map.Entry<Compatible, Door> door : doors.entrySet()) {
            open(door.getKey(), door.getValue());
        }
    }

    private void open(Compatible name, Door door) throws LuoException {
        DoorRecord record = inherited.remove(name);
        Callbacks.failing("door " + name, "open", () -> {
            door.open(Optional.ofNullable(record).map(found -> found.carried().state()));
            return door;
        });
        opened.put(name, door);
    }

    /**
     * Freezes those open doors that are wanted and not frozen yet. Undo, also when it throws: {@link #unfreeze}.
     *
     * @throws LuoException if one does not freeze
     */
    synchronized void freeze(Predicate<Door> wanted) throws LuoException {
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
        List<DoorRecord> records = new ArrayList<>();
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
        List<DoorRecord> records = new ArrayList<>();
        for (Map.Entry<Compatible, Door> door : opened.entrySet()) {
            Optional<PluginState> state =
                    Callbacks.failing("door " + door.getKey(), "acrossCrash", door.getValue()::acrossCrash);
            state.ifPresent(kept ->
                    records.add(new DoorRecord(door.getKey(), new Carried(PluginState.of(kept.data()), List.of()))));
        }
        return records;
    }

    /** Unfreezes what is frozen, latest first. */
    synchronized void unfreeze() {
        new ArrayList<>(frozen.keySet())
                .reversed()
                .forEach(door -> Callbacks.unfailing("door", "unfreeze", door::unfreeze));
        frozen.clear();
    }

    /** Closes all doors, for good, and the sockets that no door took. */
    synchronized void close() {
        opened.values().forEach(door -> Callbacks.unfailing("door", "close", door::close));
        opened.clear();
        frozen.clear();
        open = false;
        inherited.values().stream()
                .flatMap(record -> record.carried().files().stream())
                .mapToInt(OpenFile::fd)
                .forEach(fds::close);
        inherited.clear();
    }
}
