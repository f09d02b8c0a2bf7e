// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.FileDependency;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * A file handler for {@link InMemoryFileDescriptors} that writes down every callback and does what a {@link Script}
 * tells it.
 *
 * <p>Shape: a file's state is its name, with a stroke for every freeze it has seen: {@code a}, {@code a'}, {@code a''}.
 * The journal shows the state that was passed in, so it shows whether what a freeze returned has been kept. Its one fd
 * is the orchestrator's, and is what {@code retrieve} answers.
 */
public final class RecordingHandler implements FileHandler {
    private final String name;
    private final InMemoryFileDescriptors fds;
    private final Script script;
    private Compatible compatible;
    private List<Compatible> reads = List.of();
    private List<Compatible> flbs = List.of();
    private Predicate<String> accepts = file -> true;
    private boolean carriesFd = true;
    private boolean returnsNewFd;
    private boolean crossesKernels;
    private boolean outlivesCrashes;
    private volatile Set<String> kept = Set.of();
    private volatile Map<String, List<FileDependency>> dependencies = Map.of();
    private boolean dependent;

    /** A handler that takes every file and writes the format {@code <name>-v1}. */
    public RecordingHandler(String name, Journal journal, InMemoryFileDescriptors fds) {
        this.name = name;
        this.script = new Script(name, journal);
        this.fds = fds;
        this.compatible = Compatible.of(name + "-v1");
    }

    /** Sets the format it writes. Before it is registered. */
    public RecordingHandler writing(String format) {
        compatible = Compatible.of(format);
        return this;
    }

    /** Sets the older formats it reads. Before it is registered. */
    public RecordingHandler reading(String... formats) {
        reads = Stream.of(formats).map(Compatible::of).toList();
        return this;
    }

    /** Sets the FLBs its files need. Before it is registered. */
    public RecordingHandler needing(String... formats) {
        flbs = Stream.of(formats).map(Compatible::of).toList();
        return this;
    }

    /** Its files may depend on others. Before it is registered. */
    public RecordingHandler depending() {
        dependent = true;
        return this;
    }

    /** Sets what each file depends on, by name. */
    public void dependencies(Map<String, List<FileDependency>> files) {
        dependencies = Map.copyOf(files);
    }

    /** Sets the files it takes, by name. Before it is registered. */
    public RecordingHandler accepting(Predicate<String> files) {
        accepts = files;
        return this;
    }

    /** Its states have no fd; {@code retrieve} makes a new file of the same name. Before it is registered. */
    public RecordingHandler withoutFds() {
        carriesFd = false;
        return this;
    }

    /** Its files can cross a kexec; their states get a circumflex there. Before it is registered. */
    public RecordingHandler crossingKernels() {
        crossesKernels = true;
        return this;
    }

    /** Its files outlive a crash; their states get an asterisk there. Before it is registered. */
    public RecordingHandler outlivingCrashes() {
        outlivesCrashes = true;
        return this;
    }

    /** {@code retrieve} answers a new fd instead of the state's. Before it is registered. */
    public RecordingHandler returningNewFds() {
        returnsNewFd = true;
        return this;
    }

    /** Refuses to finish the files of these names, and no others. */
    public void refuseFinish(String... files) {
        kept = Set.of(files);
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

    /** The text of a state. */
    public static String text(PluginState state) {
        return new String(state.data(), StandardCharsets.UTF_8);
    }

    @Override
    public boolean hasDependencies() {
        return dependent;
    }

    @Override
    public List<FileDependency> dependencies(int fd, PluginState state) throws LuoException {
        return dependencies.getOrDefault(fds.name(fd), List.of());
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
    public List<Compatible> flbs() {
        return flbs;
    }

    @Override
    public Verdict canPreserve(int fd) {
        String file = fds.name(fd);
        return script.called(
                Callback.CAN_PRESERVE, file, () -> accepts.test(file) ? Verdict.yes() : Verdict.no("not one of mine"));
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return script.called(Callback.IDENTITY, fds.name(fd), () -> fds.identity(fd));
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        return script.called(Callback.PRESERVE, fds.name(fd), () -> state(fds.name(fd), fd));
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        script.called(Callback.UNPRESERVE, text(state));
    }

    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        return script.called(Callback.FREEZE, text(state), () -> state(text(state) + "'", fd));
    }

    @Override
    public void unfreeze(int fd, PluginState state) {
        script.called(Callback.UNFREEZE, text(state));
    }

    private PluginState state(String text, int fd) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        return carriesFd ? PluginState.of(data, fd) : PluginState.of(data);
    }

    @Override
    public int retrieve(Compatible format, PluginState state) throws LuoException {
        String what = text(state) + (format.equals(compatible) ? "" : " as " + format);
        return script.called(Callback.RETRIEVE, what, () -> {
            if (state.fds().isEmpty()) {
                return fds.open(file(state));
            }
            int fd = state.fds().getFirst();
            return returnsNewFd ? fds.duplicate(fd) : fd;
        });
    }

    @Override
    public Verdict canCrossKernel(PluginState state) {
        return crossesKernels ? Verdict.yes() : FileHandler.super.canCrossKernel(state);
    }

    @Override
    public PluginState crossedKernel(Compatible format, PluginState state) throws LuoException {
        return script.called(
                Callback.CROSSED_KERNEL,
                text(state),
                () -> new PluginState((text(state) + "^").getBytes(StandardCharsets.UTF_8), state.fds()));
    }

    @Override
    public Verdict canOutliveCrash(PluginState state) {
        return outlivesCrashes ? Verdict.yes() : FileHandler.super.canOutliveCrash(state);
    }

    @Override
    public PluginState outlivedCrash(Compatible format, PluginState state) throws LuoException {
        return script.called(
                Callback.OUTLIVED_CRASH,
                text(state),
                () -> new PluginState((text(state) + "*").getBytes(StandardCharsets.UTF_8), state.fds()));
    }

    @Override
    public Verdict canFinish(PluginState state, Retrieval retrieval) {
        return script.called(
                Callback.CAN_FINISH,
                text(state),
                () -> kept.contains(file(state)) ? Verdict.no("still in use") : Verdict.yes());
    }

    /** Writes down how retrieving went as well: {@code memfd.finish a' retrieved}, {@code never}, or the errno. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {
        String how = retrieval.retrieved() ? "retrieved" : "never";
        script.called(
                Callback.FINISH,
                text(state) + " " + retrieval.failure().map(Enum::name).orElse(how));
    }

    @Override
    public void rehearse() {
        script.called(Callback.REHEARSE, "");
    }

    private static String file(PluginState state) {
        return text(state).replaceAll("['^*]", "");
    }

    @Override
    public String toString() {
        return name;
    }
}
