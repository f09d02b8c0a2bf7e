// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Errno;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.admin.AdminCommand;

/**
 * {@code events}: the one command whose result is followed by more lines, see {@link Protocol}. A listener is registered
 * while somebody follows and no longer, since what nobody wants costs nothing.
 */
final class EventsCommand implements AdminCommand {
    /** Clients that follow hold a connection each; others must find room. */
    static final int MOST_FOLLOWERS = 16;

    private static final String TYPES = "types";

    private final Orchestration platform;
    private int followers; // guarded by this

    EventsCommand(Orchestration platform) {
        this.platform = platform;
    }

    @Override
    public String name() {
        return "events";
    }

    @Override
    public String description() {
        return "follows what happens, until the next request; types names what to tell of";
    }

    /** Where the platform is as following begins. */
    @Override
    public Map<String, Object> run(Map<String, Object> arguments) throws LuoException {
        Orchestrator orchestrator = platform.orchestrator();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("pid", ProcessHandle.current().pid());
        result.put("state", orchestrator.state().toString());
        result.put("live_updates", orchestrator.liveUpdates());
        return result;
    }

    /**
     * Begins to follow. Undo: closing what comes back.
     *
     * @throws LuoException EINVAL for arguments that make no sense · EAGAIN if too many follow · EMFILE
     */
    EventQueue follow(Map<String, Object> arguments) throws LuoException {
        EventQueue events = new EventQueue(types(arguments));
        try {
            enter();
        } catch (LuoException e) {
            events.close();
            throw e;
        }
        Runnable undo = platform.listen(events);
        events.onClose(() -> {
            undo.run();
            leave();
        });
        return events;
    }

    /** Waits until nobody follows any more. */
    synchronized void awaitEnd(long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        try {
            for (long left = millis; followers > 0 && left > 0; left = (deadline - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void enter() throws LuoException {
        if (followers == MOST_FOLLOWERS) {
            throw LuoException.of(Errno.EAGAIN, "events: " + followers + " clients follow already, which is the most");
        }
        followers++;
    }

    private synchronized void leave() {
        followers--;
        notifyAll();
    }

    private static Set<Type> types(Map<String, Object> arguments) throws LuoException {
        if (!Set.of(TYPES).containsAll(arguments.keySet())) {
            throw LuoException.of(Errno.EINVAL, "events: it takes 'types' and no other argument");
        }
        if (!arguments.containsKey(TYPES)) {
            return EnumSet.allOf(Type.class);
        }
        if (!(arguments.get(TYPES) instanceof List<?> names)) {
            throw LuoException.of(Errno.EINVAL, "events: argument 'types': an array of names is needed");
        }
        Set<Type> types = EnumSet.noneOf(Type.class);
        for (Object name : names) {
            types.add(type(String.valueOf(name)));
        }
        return types;
    }

    private static Type type(String name) throws LuoException {
        for (Type type : Type.values()) {
            if (type.toString().equals(name)) {
                return type;
            }
        }
        throw LuoException.of(
                Errno.EINVAL,
                "events: no type '" + CommandTable.shown(name) + "'; there are "
                        + EnumSet.allOf(Type.class).toString().replaceAll("[\\[\\]]", ""));
    }
}
