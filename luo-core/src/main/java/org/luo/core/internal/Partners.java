// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/** Which plug-in of one bundle follows which of another: one that writes the same format, else one that reads it. */
final class Partners {
    private final String from;
    private final String to;
    private final List<Succession<FileHandler>> handlers;
    private final List<Succession<Flb<?>>> flbs;
    private final List<String> missing = new ArrayList<>();
    private boolean some;

    /**
     * Of what is registered now.
     *
     * @param from symbolic name and id of a bundle, as plug-ins' owners are named
     * @param to the other's
     * @throws LuoException ENOENT if one has no plug-in, or naming what keeps something and has no partner · EINVAL if
     *     they are the same
     */
    Partners(Core core, String from, String to) throws LuoException {
        this.from = from;
        this.to = to;
        if (from.equals(to)) {
            throw LuoException.of(Errno.EINVAL, "adopt what " + from + " keeps: that is its own");
        }
        this.handlers = of(core.handlers(), "handler ");
        this.flbs = of(core.flbs(), "FLB ");
        if (!some) {
            throw LuoException.of(Errno.ENOENT, "adopt what " + from + " keeps: it has no plug-in");
        }
        if (!missing.isEmpty()) {
            throw LuoException.of(
                    Errno.ENOENT, "adopt what " + from + " keeps: nothing of " + to + " reads " + Names.of(missing));
        }
    }

    private <S> List<Succession<S>> of(Registry<S> registry, String kind) throws LuoException {
        List<Succession<S>> all = new ArrayList<>();
        for (Slot<S> slot : registry.slots()) {
            if (slot.isDead() || !slot.latest().owner().name().equals(from)) {
                continue;
            }
            some = true;
            Registration<S> partner = partner(registry, slot);
            if (partner != null) {
                all.add(Succession.of(registry, slot, partner));
            } else if (slot.users() > 0) {
                missing.add(kind + slot.compatible() + " (" + slot.users() + " in use)");
            }
        }
        return all;
    }

    private <S> Registration<S> partner(Registry<S> registry, Slot<S> slot) {
        List<Registration<S>> others = Stream.concat(registry.registrations(), registry.rejected().stream())
                .filter(other -> other.owner().name().equals(to))
                .toList();
        return others.stream()
                .filter(other -> other.compatible().equals(slot.compatible()))
                .findFirst()
                .or(() -> others.stream()
                        .filter(other -> other.canRead(slot.compatible()))
                        .findFirst())
                .orElse(null);
    }

    List<Succession<FileHandler>> handlers() {
        return handlers;
    }

    List<Succession<Flb<?>>> flbs() {
        return flbs;
    }
}
