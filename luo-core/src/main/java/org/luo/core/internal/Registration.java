// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.Subsystem;

/**
 * A plug-in as it was registered; its constants are read once, since a plug-in may answer differently later.
 *
 * @param service the plug-in
 * @param owner whose it is
 * @param compatible the format it writes
 * @param reads older formats it reads too
 * @param flbs the FLBs its files need; none for an FLB
 * @param hasDependencies whether its files may depend on others
 * @param <S> file handler or FLB
 */
public record Registration<S>(
        S service,
        Owner owner,
        Compatible compatible,
        List<Compatible> reads,
        List<Compatible> flbs,
        boolean hasDependencies) {
    /** What the image has room for, in FLBs; nobody reads as many formats. */
    private static final int MOST = 63;

    /** Without its name a plug-in would be found by nobody and in everybody's way. */
    public Registration {
        Objects.requireNonNull(compatible, "compatible");
        if (reads.size() > MOST || flbs.size() > MOST) {
            throw new IllegalArgumentException(
                    "reads " + reads.size() + " formats and needs " + flbs.size() + " FLBs: at most " + MOST);
        }
    }

    /** @throws LuoException EIO if the handler's constants can't be had */
    public static Registration<FileHandler> of(FileHandler handler, Owner owner) throws LuoException {
        return Callbacks.failing(
                owner.name(),
                "registering",
                () -> new Registration<>(
                        handler,
                        owner,
                        handler.compatible(),
                        List.copyOf(handler.reads()),
                        List.copyOf(new LinkedHashSet<>(handler.flbs())),
                        handler.hasDependencies()));
    }

    /** @throws LuoException EIO if the FLB's constants can't be had */
    public static Registration<Flb<?>> of(Flb<?> flb, Owner owner) throws LuoException {
        return Callbacks.failing(
                owner.name(),
                "registering",
                () -> new Registration<>(flb, owner, flb.compatible(), List.copyOf(flb.reads()), List.of(), false));
    }

    /** @throws LuoException EIO if the subsystem's name can't be had, or is none */
    public static Registration<Subsystem> of(Subsystem subsystem, Owner owner) throws LuoException {
        return Callbacks.failing(
                owner.name(),
                "registering",
                () -> new Registration<>(
                        subsystem, owner, Compatible.of(subsystem.name()), List.of(), List.of(), false));
    }

    /** Whether it understands state of this format. */
    boolean canRead(Compatible format) {
        return compatible.equals(format) || reads.contains(format);
    }

    /** For people: {@code memfd-v2 of org.luo.handler.memfd [7]}. */
    @Override
    public String toString() {
        return compatible + " of " + owner.name();
    }
}
