// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.Subsystem;
import org.luo.spi.Subsystem.Kind;

/**
 * In which order subsystems prepare and freeze: devices leaves to root, then global ones; what others depend on after
 * them; else as they were registered.
 */
final class SubsystemOrder {
    /** A subsystem and what it answered. */
    private record Node(Slot<Subsystem> slot, Kind kind, Optional<String> parent, List<String> dependencies) {
        String name() {
            return slot.compatible().text();
        }

        boolean needs(Node other) {
            return kind == other.kind
                    && (parent.filter(other.name()::equals).isPresent() || dependencies.contains(other.name()));
        }
    }

    private final Map<String, Node> nodes = new LinkedHashMap<>();

    private SubsystemOrder(List<Slot<Subsystem>> slots) throws LuoException {
        for (Slot<Subsystem> slot : slots) {
            Subsystem subsystem = slot.require().service();
            Node node = Callbacks.failing(
                    "subsystem " + slot,
                    "dependencies",
                    () -> new Node(slot, subsystem.kind(), subsystem.parent(), List.copyOf(subsystem.dependencies())));
            nodes.put(node.name(), node);
        }
    }

    /**
     * The order.
     *
     * @throws LuoException ENOENT naming everything that is missing · EINVAL for a cycle, or a parent that is none
     */
    static List<Slot<Subsystem>> of(List<Slot<Subsystem>> slots) throws LuoException {
        SubsystemOrder order = new SubsystemOrder(slots);
        order.refuseMissing();
        order.refuseOddParents();
        return order.sorted();
    }

    private void refuseMissing() throws LuoException {
        List<String> missing = new ArrayList<>();
        for (Node node : nodes.values()) {
            Set<String> needed = new HashSet<>(node.dependencies);
            node.parent.ifPresent(needed::add);
            needed.stream()
                    .filter(name -> !nodes.containsKey(name))
                    .sorted()
                    .forEach(name -> missing.add("subsystem " + node.name() + " needs " + name));
        }
        if (!missing.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, "prepare: " + Names.of(missing) + ": not there");
        }
    }

    private void refuseOddParents() throws LuoException {
        for (Node node : nodes.values()) {
            if (node.parent.isPresent()
                    && (node.kind != Kind.DEVICE || nodes.get(node.parent.get()).kind != Kind.DEVICE)) {
                throw LuoException.of(
                        Errno.EINVAL,
                        "prepare: subsystem " + node.name() + " has the parent " + node.parent.get()
                                + "; both must be devices");
            }
        }
    }

    private List<Slot<Subsystem>> sorted() throws LuoException {
        List<Node> waiting = new ArrayList<>(nodes.values());
        waiting.sort(Comparator.comparing(Node::kind));
        List<Slot<Subsystem>> sorted = new ArrayList<>();
        while (!waiting.isEmpty()) {
            Node next = waiting.stream()
                    .filter(node -> waiting.stream().noneMatch(other -> other.needs(node)))
                    .findFirst()
                    .orElseThrow(() -> cycle(waiting));
            waiting.remove(next);
            sorted.add(next.slot);
        }
        return sorted;
    }

    private static LuoException cycle(List<Node> among) {
        return LuoException.of(
                Errno.EINVAL,
                "prepare: subsystems depend on each other in a circle, among "
                        + Names.of(among.stream().map(Node::name).toList()));
    }
}
