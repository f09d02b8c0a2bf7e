// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands: those that are always there, then those of other bundles, first come first. */
@Component(service = CommandTable.class)
public final class CommandTable {
    private static final Logger LOG = LoggerFactory.getLogger("luo.admin");
    private static final int SHOWN = 64;

    private final Supplier<List<CallbackInfo>> callbacks;
    private final List<AdminCommand> builtIn;
    private final List<AdminCommand> added = new CopyOnWriteArrayList<>();

    /** The daemon's own commands. */
    @Activate
    public CommandTable(@Reference Platform platform) {
        this(builtIn(platform), platform::callbacks);
    }

    CommandTable(List<AdminCommand> builtIn) {
        this(builtIn, List::of);
    }

    /** @param callbacks see {@link Orchestrator#callbacks} */
    CommandTable(List<AdminCommand> builtIn, Supplier<List<CallbackInfo>> callbacks) {
        this.callbacks = callbacks;
        List<AdminCommand> all = new ArrayList<>(builtIn);
        all.add(new BuiltIn("commands", "what can be asked for", List.of(), arguments -> describe()));
        this.builtIn = List.copyOf(all);
    }

    /** The callbacks of plug-ins that nobody waits for any more, by the thread in which they hang. */
    Map<Long, CallbackInfo> overdue() {
        return callbacks.get().stream()
                .filter(CallbackInfo::overdue)
                .collect(Collectors.toMap(CallbackInfo::thread, callback -> callback, (one, other) -> one));
    }

    private static List<AdminCommand> builtIn(Platform platform) {
        return Stream.of(
                        new PlatformCommands(platform).all(),
                        about(platform),
                        new BundleCommands(platform).all(),
                        new ShellCommand(platform).all())
                .flatMap(List::stream)
                .toList();
    }

    /** The commands that need an orchestrator and no more. */
    static List<AdminCommand> about(Orchestration platform) {
        return Stream.of(
                        new StateCommands(platform).all(),
                        new Listings(platform).all(),
                        new SessionCommands(platform).all(),
                        new CheckCommands(platform).all(),
                        List.<AdminCommand>of(new EventsCommand(platform)))
                .flatMap(List::stream)
                .toList();
    }

    /** Another bundle's command. Removed when its service goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addCommand(AdminCommand command) {
        if (find(command.name()) != null) {
            LOG.warn("command '{}' exists already: another of that name waits until it goes", command.name());
        }
        added.add(command);
    }

    void removeCommand(AdminCommand command) {
        added.remove(command);
    }

    /**
     * Runs a command.
     *
     * @throws LuoException ENOSYS if there is none of that name, or what it says itself
     */
    Map<String, Object> run(String name, Map<String, Object> arguments) throws LuoException {
        AdminCommand command = find(name);
        if (command == null) {
            throw LuoException.of(Errno.ENOSYS, "no command '" + shown(name) + "'; 'commands' lists them");
        }
        return command.run(arguments);
    }

    /**
     * Begins to follow events, if that is what the command is for.
     *
     * @throws LuoException what {@link EventsCommand#follow} says
     */
    Optional<EventQueue> follow(String name, Map<String, Object> arguments) throws LuoException {
        return find(name) instanceof EventsCommand events ? Optional.of(events.follow(arguments)) : Optional.empty();
    }

    /** Waits until nobody follows events any more. */
    void awaitEndOfFollowing(long millis) {
        builtIn.stream()
                .filter(EventsCommand.class::isInstance)
                .map(EventsCommand.class::cast)
                .forEach(events -> events.awaitEnd(millis));
    }

    private AdminCommand find(String name) {
        return all().filter(command -> command.name().equals(name)).findFirst().orElse(null);
    }

    private Stream<AdminCommand> all() {
        return Stream.concat(builtIn.stream(), added.stream());
    }

    private Map<String, Object> describe() {
        return Map.of(
                "commands",
                all().map(command -> Map.of("name", command.name(), "description", command.description()))
                        .toList());
    }

    /** Text from outside, short and printable. */
    static String shown(String text) {
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return start.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
