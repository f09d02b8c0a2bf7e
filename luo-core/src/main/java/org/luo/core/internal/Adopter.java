// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets handlers take over the files of others: asked to, or when one comes that reads what another has left.
 *
 * <p>Lock order: turn of the state machine → gate, which is shut meanwhile, so that every session call waits.
 */
final class Adopter {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Core core;
    private final AtomicBoolean wanted = new AtomicBoolean();

    Adopter(Core core) {
        this.core = core;
    }

    /** Moves every file of one handler to another; how many. */
    int adopt(Compatible from, HandlerInfo to) throws LuoException {
        int[] files = new int[1];
        core.states().adopt(() -> {
            Slot<FileHandler> slot = core.handlers().slot(from);
            if (slot == null) {
                throw LuoException.of(Errno.ENOENT, "adopt " + from + ": no handler has that string");
            }
            files[0] = move(slot, find(slot, to));
        });
        return files[0];
    }

    private Registration<FileHandler> find(Slot<FileHandler> from, HandlerInfo wanted) throws LuoException {
        String what = "adopt " + from + " by " + wanted.compatible() + " of " + wanted.bundle();
        Slot<FileHandler> own = core.handlers().slot(wanted.compatible());
        Registration<FileHandler> current = own == null ? null : own.current();
        if (current != null && current.owner().name().equals(wanted.bundle())) {
            if (own == from) {
                throw LuoException.of(Errno.EINVAL, what + ": they are its own");
            }
            return current;
        }
        Optional<Registration<FileHandler>> rejected = core.handlers().rejected().stream()
                .filter(handler -> handler.compatible().equals(wanted.compatible())
                        && handler.owner().name().equals(wanted.bundle()))
                .findFirst();
        if (rejected.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, what + ": there is no such handler");
        }
        if (own != from) {
            throw LuoException.of(Errno.EEXIST, what + ": that one is rejected itself");
        }
        return rejected.get();
    }

    /** The turn is this thread's. */
    private int move(Slot<FileHandler> from, Registration<FileHandler> to) throws LuoException {
        long start = System.nanoTime();
        String old = from.toString();
        int files;
        core.gate().shut();
        try {
            files = new Adoption(core, from, to).run();
        } finally {
            core.gate().open();
        }
        LOG.info("{} has adopted {} files of {} in {} ms", to, files, old, (System.nanoTime() - start) / 1_000_000);
        core.events().tell(Type.PLUGIN_ADOPTED, to.compatible(), "from", old, "files", files);
        return files;
    }

    /** A handler has come; whether there is something that it may take over. */
    boolean want() {
        boolean some =
                core.handlers().hasOrphans() || core.handlers().slots().stream().anyMatch(Slot::hasMoved);
        if (some) {
            wanted.set(true);
        }
        return some;
    }

    boolean isWanted() {
        return wanted.get();
    }

    /** Has every orphan adopted that somebody reads; one that can't be stays an orphan. The turn is this thread's. */
    void adoptOrphans() {
        wanted.set(false);
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            try {
                if (slot.hasMoved()) {
                    pinAnew(slot);
                } else if (slot.current() == null && slot.users() > 0) {
                    Slot<FileHandler> reader = core.handlers().reader(slot.compatible());
                    if (reader != null) {
                        move(slot, reader.require());
                    }
                }
            } catch (LuoException e) {
                LOG.warn("the files of {} wait on: {}", slot, e.getMessage());
            }
        }
    }

    private void pinAnew(Slot<FileHandler> slot) throws LuoException {
        core.gate().shut();
        try {
            Holders holders = new Holders(core, slot);
            Registration<FileHandler> plugin = Pins.pinAll(slot, core, holders.pins());
            slot.settled();
            holders.keepOnly(plugin.owner());
        } finally {
            core.gate().open();
        }
    }
}
