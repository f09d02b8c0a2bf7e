// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;

/**
 * A plug-in that follows another and takes what it keeps.
 *
 * @param from whose place it was
 * @param to whose place it is: the same one if both write the same format
 * @param old the one that is followed, or the latest one if it has left already
 * @param by the one that follows
 * @param orphaned whether the old one has left, so that it can't be called any more
 * @param <S> file handler or FLB
 */
record Succession<S>(Slot<S> from, Slot<S> to, Registration<S> old, Registration<S> by, boolean orphaned) {
    /**
     * Of what the registry has now.
     *
     * @throws LuoException EAGAIN if it has left just now
     */
    static <S> Succession<S> of(Registry<S> registry, Slot<S> from, Registration<S> by) throws LuoException {
        Slot<S> to = by.compatible().equals(from.compatible()) ? from : registry.slot(by.compatible());
        if (to == null) {
            throw LuoException.of(Errno.EAGAIN, by + " has left just now");
        }
        return new Succession<>(from, to, from.latest(), by, from.current() == null);
    }

    /** One that has come back in another bundle, and has the place already. */
    static <S> Succession<S> returned(Slot<S> slot) throws LuoException {
        return new Succession<>(slot, slot, slot.latest(), slot.require(), true);
    }

    /** Whether both have the same place, since both write the same format. */
    boolean isWithin() {
        return to == from;
    }

    /** @throws LuoException EEXIST if only a bundle of the same name could follow · ENOENT if it does not read the format */
    void require() throws LuoException {
        String what = "adopt what " + old + " keeps by " + by + ": ";
        if (isWithin() && from.current() != by && !by.owner().isVersionOf(old.owner())) {
            throw LuoException.of(Errno.EEXIST, what + "the same string from a bundle of another name");
        }
        if (!by.canRead(from.compatible())) {
            throw LuoException.of(Errno.ENOENT, what + "it does not read " + from.compatible());
        }
    }
}
