// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import java.util.List;
import java.util.Optional;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A party that takes part in a live update without having files: a device tree, or state of the whole machine.
 * Registered as an OSGi service.
 *
 * <pre>
 * outgoing:  prepare ─┬─ freeze ─┬─ (handed over)
 *                     └─ cancel  └─ cancel
 * incoming:  finish
 * </pre>
 *
 * <p>Shape: preserved files come first, then devices, leaves to root, then global ones; within a kind, what others
 * depend on comes after them, and else the order of registration counts. {@code cancel} and {@code finish} come in
 * reverse. The order is made at prepare.
 *
 * <p>Context: callbacks never overlap. Nothing is locked during {@code prepare}, {@code finish}, and a {@code cancel}
 * before the freeze: sessions can be used. {@code freeze} and the {@code cancel} of a freeze lie in the blackout: no
 * session can be used (EDEADLK). A transition is always refused so. The bundle is pinned from {@code prepare} on, until {@code cancel}. Unchecked exceptions count
 * as with {@link FileHandler}.
 */
@ConsumerType
public interface Subsystem {
    /** When it has its turn. */
    enum Kind {
        /** A device; may have a parent. */
        DEVICE,
        /** State of the whole machine. */
        GLOBAL
    }

    /** Unique among the subsystems, in the form of a {@link org.luo.Compatible} string. Constant. */
    String name();

    /** When it has its turn. Constant. */
    Kind kind();

    /** The device that this one is attached to; only devices have one. Asked at each prepare. */
    default Optional<String> parent() {
        return Optional.empty();
    }

    /**
     * The subsystems without which this one can't go over. Asked at each prepare, which fails if one is missing.
     *
     * <p>Those of another kind must only be there; the order of the kinds stays.
     */
    default List<String> dependencies() {
        return List.of();
    }

    /**
     * Serializes what takes long, while workloads run.
     *
     * <p>Undo: {@link #cancel}.
     *
     * @return the state so far; its fds stay this subsystem's
     * @throws LuoException if it can't take part now; nothing of it is left behind
     */
    PluginState prepare() throws LuoException;

    /**
     * Makes the state final, in the blackout: no blocking, no allocation that can be made earlier.
     *
     * <p>Undo: {@link #cancel}.
     *
     * @param state what {@code prepare} returned
     * @return what goes over; if that is empty the successor is told of none
     * @throws LuoException to give the update up; {@code cancel} is called all the same, with the state passed in
     */
    default PluginState freeze(PluginState state) throws LuoException {
        return state;
    }

    /**
     * Takes {@code prepare}, or {@code freeze} as well, back.
     *
     * @param state the latest state
     */
    default void cancel(PluginState state) {}

    /**
     * The live update is finished: everything is as it was before it, in the successor.
     *
     * @param state what the predecessor's subsystem of this name froze; its fds are closed when this returns. Empty if
     *     there was none
     */
    default void finish(Optional<PluginState> state) {}
}
