// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * The handler under test, with every callback but questions noted: {@code freeze 1}, the number being that of the file in
 * order of preservation where the callback says which file it is about.
 */
final class Watched implements FileHandler {
    private final FileHandler handler;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private final List<String> calls = new ArrayList<>();

    /** What becomes of a state on its way to {@code retrieve}. */
    UnaryOperator<PluginState> damage = UnaryOperator.identity();

    /** What {@code canFinish} answered last. */
    Verdict finishable;

    Watched(FileHandler handler) {
        this.handler = handler;
    }

    /** The callbacks so far, which are forgotten. */
    List<String> takeCalls() {
        List<String> taken = List.copyOf(calls);
        calls.clear();
        return taken;
    }

    private void note(String callback, int fd) {
        calls.add(callback + " " + numbers.get(fd));
    }

    @Override
    public Compatible compatible() {
        return handler.compatible();
    }

    @Override
    public List<Compatible> reads() {
        return handler.reads();
    }

    @Override
    public List<Compatible> flbs() {
        return handler.flbs();
    }

    @Override
    public Verdict canPreserve(int fd) {
        return handler.canPreserve(fd);
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return handler.identity(fd);
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        numbers.put(fd, numbers.size() + 1);
        note("preserve", fd);
        return handler.preserve(fd);
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        note("unpreserve", fd);
        handler.unpreserve(fd, state);
    }

    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        note("freeze", fd);
        return handler.freeze(fd, state);
    }

    @Override
    public void unfreeze(int fd, PluginState state) {
        note("unfreeze", fd);
        handler.unfreeze(fd, state);
    }

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        calls.add("retrieve");
        return handler.retrieve(compatible, damage.apply(state));
    }

    @Override
    public Verdict canCrossKernel(PluginState state) {
        return handler.canCrossKernel(state);
    }

    @Override
    public PluginState crossedKernel(Compatible compatible, PluginState state) throws LuoException {
        return handler.crossedKernel(compatible, state);
    }

    @Override
    public Verdict canFinish(PluginState state, Retrieval retrieval) {
        finishable = handler.canFinish(state, retrieval);
        return finishable;
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {
        String how = retrieval.retrieved() ? "retrieved" : "never";
        calls.add("finish " + retrieval.failure().map(Enum::name).orElse(how));
        handler.finish(state, retrieval);
    }

    @Override
    public void rehearse() {
        handler.rehearse();
    }
}
