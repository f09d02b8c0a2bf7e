// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.luo.pin.PinTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * SIGTERM, SIGINT and SIGHUP: end the platform, but not by accident while it keeps files that would be lost.
 *
 * <p>The first one ends it if nothing is preserved, or if the system property {@code luo.force} is {@code true}; else
 * it only says what would be lost, and a second one within ten seconds ends it.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger("luo.launcher");
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final int NAMED = 8;

    private final PinTable pins;
    private final IntConsumer end;
    private final LongSupplier clock;
    private boolean warned;
    private long warnedAt;

    /**
     * @param pins what would be lost
     * @param end ends the platform with this exit status
     * @param clock nanoseconds
     */
    Signals(PinTable pins, IntConsumer end, LongSupplier clock) {
        this.pins = pins;
        this.end = end;
        this.clock = clock;
    }

    /** Takes the signals over. One that the JVM was told to ignore stays ignored. */
    void install() {
        handle(this::received);
    }

    /** Lets somebody else have the signals from now on. */
    static void handle(Consumer<String> receiver) {
        for (String name : new String[] {"TERM", "INT", "HUP"}) {
            try {
                Signal.handle(new Signal(name), signal -> receiver.accept("SIG" + signal.getName()));
            } catch (IllegalArgumentException e) {
                LOG.warn("SIG{} ends the platform at once, whatever it keeps: {}", name, e.getMessage());
            }
        }
    }

    /** Context: a thread of its own for every signal. */
    synchronized void received(String name) {
        int files = pins.size();
        if (files == 0) {
            LOG.info("{}: stopping", name);
            end.accept(Main.ENDED);
        } else if (Boolean.getBoolean("luo.force")) {
            LOG.warn("{}: stopping by force with {}: {}", name, Amount.of(files, "preserved file"), names(files));
            end.accept(Main.ENDED);
        } else if (warned && clock.getAsLong() - warnedAt < PATIENCE) {
            LOG.warn("{} again: stopping, {} lost: {}", name, Amount.of(files, "preserved file"), names(files));
            end.accept(Main.FILES_LOST);
        } else {
            warned = true;
            warnedAt = clock.getAsLong();
            LOG.warn(
                    "{}: not stopping, {} would be lost: {}. A live update keeps them;"
                            + " a second signal within 10 s ends the platform all the same",
                    name,
                    Amount.of(files, "preserved file"),
                    names(files));
        }
    }

    private String names(int files) {
        String named = String.join(", ", pins.names(NAMED));
        return files > NAMED ? named + " and " + (files - NAMED) + " more" : named;
    }
}
