// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/**
 * An FLB that writes down every callback and does what a {@link Script} tells it.
 *
 * <p>Shape: its object is a string, its name and how often it has been preserved: {@code hugetlb#1}. Its state is the
 * same text.
 */
public final class RecordingFlb implements Flb<String> {
    private final String name;
    private final Script script;
    private final AtomicInteger preserved = new AtomicInteger();
    private Compatible compatible;
    private List<Compatible> reads = List.of();
    private volatile List<Integer> fds = List.of();

    /** An FLB with the format {@code <name>-v1}. */
    public RecordingFlb(String name, Journal journal) {
        this.name = name;
        this.script = new Script(name, journal);
        this.compatible = Compatible.of(name + "-v1");
    }

    /** Sets the format it writes. Before it is registered. */
    public RecordingFlb writing(String format) {
        compatible = Compatible.of(format);
        return this;
    }

    /** Sets the older formats it reads. Before it is registered. */
    public RecordingFlb reading(String... formats) {
        reads = Stream.of(formats).map(Compatible::of).toList();
        return this;
    }

    /** Sets the fds of its state, which stay the caller's. */
    public RecordingFlb carrying(int... carried) {
        fds = IntStream.of(carried).boxed().toList();
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
    public Compatible compatible() {
        return compatible;
    }

    @Override
    public List<Compatible> reads() {
        return reads;
    }

    @Override
    public Preserved<String> preserve() {
        return script.called(Callback.PRESERVE, "", () -> {
            String object = name + "#" + preserved.incrementAndGet();
            return new Preserved<>(object, new PluginState(object.getBytes(StandardCharsets.UTF_8), fds));
        });
    }

    @Override
    public void unpreserve(String object, PluginState state) {
        script.called(Callback.UNPRESERVE, object);
    }

    @Override
    public String retrieve(Compatible format, PluginState state) {
        String object = new String(state.data(), StandardCharsets.UTF_8);
        String what = object + (format.equals(compatible) ? "" : " as " + format);
        return script.called(Callback.RETRIEVE, what, () -> object);
    }

    @Override
    public void finish(String object) {
        script.called(Callback.FINISH, object);
    }

    @Override
    public String toString() {
        return name;
    }
}
