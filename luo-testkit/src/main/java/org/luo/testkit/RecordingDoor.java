// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.luo.handover.Door;
import org.luo.spi.PluginState;

/** A door that writes down every callback and does what a {@link Script} tells it. */
public final class RecordingDoor implements Door {
    private final String name;
    private final Script script;
    private volatile boolean crossing;
    private volatile List<Integer> sockets = List.of();

    /** A door without sockets. */
    public RecordingDoor(String name, Journal journal) {
        this.name = name;
        this.script = new Script(name, journal);
    }

    /** Sets the sockets it carries over, which stay the caller's. */
    public RecordingDoor carrying(int... fds) {
        sockets = IntStream.of(fds).boxed().toList();
        return this;
    }

    /** Its bytes cross a kexec. */
    public RecordingDoor crossingKernels() {
        crossing = true;
        return this;
    }

    /** What it is to do in every call of a callback from now on. */
    public Script.When on(Callback callback) {
        return script.on(callback);
    }

    /** What it is to do in the n-th call from now on, the next one being 1. */
    public Script.When on(Callback callback, int call) {
        return script.on(callback, call);
    }

    /** Behaves from now on. */
    public void behave() {
        script.clear();
    }

    /** The sockets it was given, or those it was told to carry. */
    public List<Integer> sockets() {
        return sockets;
    }

    @Override
    public String name() {
        return name;
    }

    /** Writes down how many sockets it inherits: {@code door.open cold}, {@code door.open with 1}. */
    @Override
    public void open(Optional<PluginState> inherited) {
        script.called(
                Callback.OPEN,
                inherited.map(state -> "with " + state.fds().size()).orElse("cold"));
        inherited.ifPresent(state -> sockets = state.fds());
    }

    @Override
    public PluginState freeze() {
        return script.called(Callback.FREEZE, "", () -> new PluginState(new byte[0], sockets));
    }

    @Override
    public Optional<PluginState> acrossKernel(PluginState frozen) {
        return crossing ? Optional.of(frozen) : Optional.empty();
    }

    @Override
    public void unfreeze() {
        script.called(Callback.UNFREEZE, "");
    }

    @Override
    public void close() {
        script.called(Callback.CLOSE, "");
    }
}
