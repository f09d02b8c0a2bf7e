// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/** The FLB under test, with every callback noted. */
final class WatchedFlb<T> implements Flb<T> {
    private final Flb<T> flb;
    private final List<String> calls = new ArrayList<>();

    /** What becomes of the state on its way to {@code retrieve}. */
    UnaryOperator<PluginState> damage = UnaryOperator.identity();

    /** What {@code preserve} returned last. */
    T object;

    WatchedFlb(Flb<T> flb) {
        this.flb = flb;
    }

    /** The callbacks so far, which are forgotten. */
    List<String> takeCalls() {
        List<String> taken = List.copyOf(calls);
        calls.clear();
        return taken;
    }

    @Override
    public Compatible compatible() {
        return flb.compatible();
    }

    @Override
    public List<Compatible> reads() {
        return flb.reads();
    }

    @Override
    public Preserved<T> preserve() throws LuoException {
        calls.add("preserve");
        Preserved<T> preserved = flb.preserve();
        object = preserved.object();
        return preserved;
    }

    @Override
    public void unpreserve(T of, PluginState state) {
        calls.add("unpreserve");
        flb.unpreserve(of, state);
    }

    @Override
    public T retrieve(Compatible compatible, PluginState state) throws LuoException {
        calls.add("retrieve");
        return flb.retrieve(compatible, damage.apply(state));
    }

    @Override
    public void finish(T of) {
        calls.add("finish");
        flb.finish(of);
    }
}
