// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.CoreState.FileName;
import org.luo.spi.FileDependency;
import org.luo.spi.FileHandler;

/**
 * In which order files freeze: dependants before what they depend on, else in order of creation and preservation.
 *
 * <p>Handlers are asked only if one that has a file says that its files may depend on others.
 */
final class FileOrder {
    /** No file depends on another; sessions freeze one after the other. */
    static final FileOrder NONE = new FileOrder(List.of());

    /** A file, and what it has to do with others. */
    private static final class Node {
        final OutgoingFile file;
        final int index;
        final List<Node> dependencies = new ArrayList<>();
        int dependants;

        Node(OutgoingFile file, int index) {
            this.file = file;
            this.index = index;
        }
    }

    private final Map<OutgoingFile, Node> nodes = new LinkedHashMap<>();
    private final List<String> missing = new ArrayList<>();
    private final List<OutgoingFile> sorted = new ArrayList<>();

    private FileOrder(List<OutgoingFile> files) {
        for (OutgoingFile file : files) {
            nodes.put(file, new Node(file, nodes.size()));
        }
    }

    /**
     * The order of this moment. Waits for callbacks that are under way, one session at a time.
     *
     * @throws LuoException ENOENT naming everything that is missing · EINVAL for a circle · any errno of a handler
     */
    static FileOrder of(Core core) throws LuoException {
        return of(core, true);
    }

    /** As {@link #of}, but what is missing is of no account. */
    static FileOrder ofPresent(Core core) throws LuoException {
        return of(core, false);
    }

    private static FileOrder of(Core core, boolean all) throws LuoException {
        if (core.handlers().slots().stream().noneMatch(FileOrder::mayDepend)) {
            return NONE;
        }
        List<OutgoingFile> files = new ArrayList<>();
        Map<OutgoingFile, List<FileDependency>> asked = new LinkedHashMap<>();
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            files.addAll(session.askForDependencies(asked, all));
        }
        if (asked.isEmpty()) {
            return NONE;
        }
        FileOrder order = new FileOrder(files);
        for (Map.Entry<OutgoingFile, List<FileDependency>> each : asked.entrySet()) {
            order.relate(each.getKey(), each.getValue(), core.preserved());
        }
        if (all) {
            order.refuseMissing();
        }
        order.sort();
        return order;
    }

    private static boolean mayDepend(Slot<FileHandler> slot) {
        Registration<FileHandler> handler = slot.current();
        return handler != null && handler.hasDependencies() && slot.users() > 0;
    }

    /** Whether there is somebody to ask. */
    static boolean canAsk(OutgoingFile file) {
        return file.slot.current() != null;
    }

    /** What a file depends on; empty if its handler says that no file of its does. Its session's lock is held. */
    static List<FileDependency> ask(OutgoingFile file) throws LuoException {
        Registration<FileHandler> handler = file.slot.require();
        return handler.hasDependencies()
                ? Callbacks.failing(
                        file,
                        "dependencies",
                        () -> List.copyOf(handler.service().dependencies(file.fd, file.carried.state())))
                : List.of();
    }

    private void relate(OutgoingFile file, List<FileDependency> dependencies, PreservedFiles preserved) {
        Node node = nodes.get(file);
        for (FileDependency dependency : dependencies) {
            Node needed = nodes.get(preserved.holder(dependency.identity()));
            if (needed == null) {
                missing.add(file + " needs " + dependency.what());
            } else if (!node.dependencies.contains(needed)) {
                node.dependencies.add(needed);
                needed.dependants++;
            }
        }
    }

    private void refuseMissing() throws LuoException {
        if (!missing.isEmpty()) {
            throw LuoException.of(
                    Errno.ENOENT, "prepare: " + Names.of(missing) + ": not preserved; preserve it too, in any session");
        }
    }

    private void sort() throws LuoException {
        PriorityQueue<Node> free = new PriorityQueue<>(Comparator.comparingInt(node -> node.index));
        nodes.values().stream().filter(node -> node.dependants == 0).forEach(free::add);
        while (!free.isEmpty()) {
            Node node = free.remove();
            sorted.add(node.file);
            for (Node needed : node.dependencies) {
                needed.dependants--;
                if (needed.dependants == 0) {
                    free.add(needed);
                }
            }
        }
        if (sorted.size() < nodes.size()) {
            List<String> circle = nodes.values().stream()
                    .filter(node -> node.dependants > 0)
                    .map(node -> node.file.toString())
                    .toList();
            throw LuoException.of(
                    Errno.EINVAL, "prepare: files depend on each other in a circle, among " + Names.of(circle));
        }
    }

    boolean isNone() {
        return nodes.isEmpty();
    }

    /** The files in order. */
    List<OutgoingFile> files() {
        return sorted;
    }

    /** Those of these files and of everything that depends on them, in order. */
    List<OutgoingFile> withDependants(Set<OutgoingFile> these) {
        Set<OutgoingFile> concerned = new LinkedHashSet<>();
        for (OutgoingFile file : sorted.reversed()) {
            boolean depends = nodes.get(file).dependencies.stream().anyMatch(node -> concerned.contains(node.file));
            if (depends || these.contains(file)) {
                concerned.add(file);
            }
        }
        return List.copyOf(concerned).reversed();
    }

    /** Who depends on whom, for the successor. */
    List<Dependency> dependencies() {
        List<Dependency> dependencies = new ArrayList<>();
        for (Node node : nodes.values()) {
            for (Node needed : node.dependencies) {
                dependencies.add(new Dependency(name(node.file), name(needed.file)));
            }
        }
        return dependencies;
    }

    private static FileName name(OutgoingFile file) {
        return new FileName(file.session, file.token);
    }
}
