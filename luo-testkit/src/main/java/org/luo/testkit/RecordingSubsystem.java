// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.luo.LuoException;
import org.luo.spi.PluginState;
import org.luo.spi.Subsystem;

/**
 * A subsystem that writes down every callback and does what a {@link Script} tells it.
 *
 * <p>Shape: its state is a text, its name followed by {@code +} once frozen. {@code finish} is written down with the
 * text that came over: {@code pci.finish pci+}, or {@code pci.finish nothing}.
 */
public final class RecordingSubsystem implements Subsystem {
    private final String name;
    private final Kind kind;
    private final Script script;
    private volatile Optional<String> parent = Optional.empty();
    private volatile List<String> dependencies = List.of();
    private volatile List<Integer> fds = List.of();
    private volatile boolean silent;

    /** A subsystem that depends on nothing. */
    public RecordingSubsystem(String name, Kind kind, Journal journal) {
        this.name = name;
        this.kind = kind;
        this.script = new Script(name, journal);
    }

    /** Sets the device that it is attached to. */
    public RecordingSubsystem under(String device) {
        parent = Optional.of(device);
        return this;
    }

    /** Sets the subsystems that it can't go over without. */
    public RecordingSubsystem needing(String... others) {
        dependencies = List.of(others);
        return this;
    }

    /** Sets the fds of its state, which stay the caller's. */
    public RecordingSubsystem carrying(int... carried) {
        fds = IntStream.of(carried).boxed().toList();
        return this;
    }

    /** Has nothing to carry over from now on. */
    public RecordingSubsystem silent() {
        silent = true;
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

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Optional<String> parent() {
        return parent;
    }

    @Override
    public List<String> dependencies() {
        return dependencies;
    }

    @Override
    public PluginState prepare() throws LuoException {
        return script.called(Callback.PREPARE, "", () -> state(name));
    }

    @Override
    public PluginState freeze(PluginState state) throws LuoException {
        return script.called(Callback.FREEZE, text(state), () -> state(text(state) + "+"));
    }

    @Override
    public void cancel(PluginState state) {
        script.called(Callback.CANCEL, text(state));
    }

    @Override
    public void finish(Optional<PluginState> state) {
        script.called(Callback.FINISH, state.map(RecordingSubsystem::text).orElse("nothing"));
    }

    private PluginState state(String text) {
        if (silent) {
            return PluginState.empty();
        }
        return new PluginState(text.getBytes(StandardCharsets.UTF_8), fds);
    }

    private static String text(PluginState state) {
        return new String(state.data(), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return name;
    }
}
