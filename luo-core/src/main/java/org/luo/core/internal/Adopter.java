// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.luo.Amount;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
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
        return moving(() -> {
            Slot<FileHandler> slot = core.handlers().slot(from);
            if (slot == null) {
                throw LuoException.of(Errno.ENOENT, "adopt " + from + ": no handler has that string");
            }
            return List.of(Succession.of(core.handlers(), slot, find(slot, to)));
        });
    }

    /** Moves everything that one bundle's plug-ins keep to another's; how many files. */
    int adoptBundle(String from, String to) throws LuoException {
        int[] files = new int[1];
        core.states().adopt(() -> {
            Partners partners = new Partners(core, from, to);
            files[0] = move(from, to, partners.handlers(), partners.flbs());
        });
        return files[0];
    }

    private int moving(Callbacks.Failing<List<Succession<FileHandler>>> plan) throws LuoException {
        int[] files = new int[1];
        core.states().adopt(() -> {
            List<Succession<FileHandler>> handlers = plan.call();
            files[0] = move(handlers.getFirst(), handlers, List.of());
        });
        return files[0];
    }

    private int move(Succession<?> told, List<Succession<FileHandler>> handlers, List<Succession<Flb<?>>> flbs)
            throws LuoException {
        return move(told.from().toString(), told.by().toString(), handlers, flbs);
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
    private int move(String old, String by, List<Succession<FileHandler>> handlers, List<Succession<Flb<?>>> flbs)
            throws LuoException {
        long start = System.nanoTime();
        int files;
        core.gate().shut(core.patience());
        try (Undo undo = new Undo()) {
            undo.add(core.gate()::open);
            files = new Adoption(core, handlers, flbs).run();
        }
        LOG.info(
                "{} has adopted {} of {} in {} ms",
                by,
                Amount.of(files, "file"),
                old,
                (System.nanoTime() - start) / 1_000_000);
        handlers.forEach(each -> told(each, old, files));
        flbs.forEach(each -> told(each, old, files));
        return files;
    }

    private void told(Succession<?> each, String old, int files) {
        core.events().tell(Type.PLUGIN_ADOPTED, each.by().compatible(), "from", old, "files", files);
    }

    /** A plug-in has come; whether there is something that it may take over. */
    boolean want() {
        boolean some = core.handlers().hasOrphans()
                || core.flbs().hasOrphans()
                || core.handlers().slots().stream().anyMatch(Slot::hasMoved)
                || core.flbs().slots().stream().anyMatch(Slot::hasMoved);
        if (some) {
            wanted.set(true);
        }
        return some;
    }

    boolean isWanted() {
        return wanted.get();
    }

    /**
     * Has every orphan adopted that somebody reads; one that can't be stays an orphan. FLBs first, since handlers may need
     * them. The turn is this thread's.
     */
    void adoptOrphans() {
        wanted.set(false);
        for (Slot<Flb<?>> slot : core.flbs().slots()) {
            attempt(slot, () -> adoptOrphan(slot));
        }
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            attempt(slot, () -> adoptOrphans(slot));
        }
    }

    private void attempt(Slot<?> slot, Registry.Step step) {
        try {
            step.run();
        } catch (LuoException e) {
            LOG.warn("the files of {} wait on: {}", slot, e.getMessage());
        }
    }

    /** The object of one that is gone for good is made anew, by one in another bundle or one that reads it. */
    private void adoptOrphan(Slot<Flb<?>> slot) throws LuoException {
        if (slot.hasMoved()) {
            Succession<Flb<?>> back = Succession.returned(slot);
            try {
                move(back, List.of(), List.of(back));
            } finally {
                pinAnew(slot, List.of(), List.of(new FlbMove(core, back)));
            }
        } else if (slot.current() == null && slot.users() > 0) {
            Slot<Flb<?>> reader = core.flbs().reader(slot.compatible());
            if (reader != null) {
                Succession<Flb<?>> follows = Succession.of(core.flbs(), slot, reader.require());
                move(follows, List.of(), List.of(follows));
            }
        }
    }

    private void adoptOrphans(Slot<FileHandler> slot) throws LuoException {
        if (slot.hasMoved()) {
            pinAnew(slot, List.of(Succession.returned(slot)), List.of());
        } else if (slot.current() == null && slot.users() > 0) {
            Slot<FileHandler> reader = core.handlers().reader(slot.compatible());
            if (reader != null) {
                Succession<FileHandler> follows = Succession.of(core.handlers(), slot, reader.require());
                move(follows, List.of(follows), List.of());
            }
        }
    }

    private <S> void pinAnew(Slot<S> slot, List<Succession<FileHandler>> handlers, List<FlbMove> flbs)
            throws LuoException {
        core.gate().shut(core.patience());
        try (Undo undo = new Undo()) {
            undo.add(core.gate()::open);
            Holders holders = new Holders(core, handlers, flbs);
            Pins.pinAll(slot, core, holders.pins());
            slot.settled();
            holders.keepNeededPins();
        }
    }
}
