// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.handover.Door;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileDescriptors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The doors, and the sockets they inherit. Open exactly while this process serves. */
public final class Doors {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final FileDescriptors fds;

    // Guarded by this.
    private final List<Door> doors = new ArrayList<>();
    private final Map<Compatible, DoorRecord> inherited = new HashMap<>();
    private boolean open;

    Doors(FileDescriptors fds) {
        this.fds = fds;
    }

    /** A door has come; it is opened at once if this process serves. */
    public synchronized void add(Door door) {
        doors.add(door);
        if (open) {
            try {
                open(door);
            } catch (LuoException e) {
                LOG.error("door {} stays shut: {}", door.name(), e.getMessage());
            }
        }
    }

    /** A door has gone. */
    public synchronized void remove(Door door) {
        if (doors.remove(door) && open) {
            Callbacks.unfailing("door " + door.name(), "close", door::close);
        }
    }

    synchronized void inherit(List<DoorRecord> records) {
        records.forEach(record -> inherited.put(record.name(), record));
    }

    synchronized void open() throws LuoException {
        open = true;
        for (Door door : doors) {
            open(door);
        }
    }

    private void open(Door door) throws LuoException {
        DoorRecord record = inherited.remove(Compatible.of(door.name()));
        Callbacks.failing("door " + door.name(), "open", () -> {
            door.open(Optional.ofNullable(record).map(found -> found.carried().state()));
            return door;
        });
    }

    /** Freezes all doors, or none. The gate is shut. */
    synchronized List<DoorRecord> freeze() throws LuoException {
        List<DoorRecord> records = new ArrayList<>();
        try (Undo undo = new Undo()) {
            for (Door door : open ? doors : List.<Door>of()) {
                var state = Callbacks.failing("door " + door.name(), "freeze", door::freeze);
                undo.add(() -> Callbacks.unfailing("door " + door.name(), "unfreeze", door::unfreeze));
                records.add(new DoorRecord(Compatible.of(door.name()), Carried.of(state, fds)));
            }
            undo.keep();
        }
        return records;
    }

    synchronized void unfreeze() {
        if (open) {
            doors.reversed().forEach(door -> Callbacks.unfailing("door " + door.name(), "unfreeze", door::unfreeze));
        }
    }

    /** Closes all doors, for good, and the sockets that no door took. */
    synchronized void close() {
        if (open) {
            doors.forEach(door -> Callbacks.unfailing("door " + door.name(), "close", door::close));
        }
        open = false;
        inherited.values().stream()
                .flatMap(record -> record.carried().files().stream())
                .mapToInt(OpenFile::fd)
                .forEach(fds::close);
        inherited.clear();
    }
}
