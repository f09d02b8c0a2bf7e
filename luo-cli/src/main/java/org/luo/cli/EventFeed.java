// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.cli.LineChannel.UnsentException;

/**
 * What a platform tells as it happens. What happens while nobody is connected is not told; so the first event of each
 * process is one of type {@value #FOLLOWING}, made here, that says which process it is and in which state. Not
 * thread-safe, but for {@link #close}.
 */
final class EventFeed implements AutoCloseable {
    /** The type of the first event. */
    static final String FOLLOWING = "following";

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration FOR_EVER = Duration.ofDays(10_000);
    private static final int ATTEMPTS = 5;

    private final Path dir;
    private final String request;
    private volatile LineChannel channel;
    private Map<String, Object> first;

    private EventFeed(Path dir, String request) {
        this.dir = dir;
        this.request = request;
    }

    /**
     * Begins to follow.
     *
     * @param types which events; all if it is empty
     * @throws NoPlatformException if nobody answers there
     */
    static EventFeed open(Path dir, List<String> types) throws IOException, AdminException {
        Map<String, Object> arguments = types.isEmpty() ? Map.of() : Map.of("types", types);
        EventFeed feed = new EventFeed(dir, Json.write(Map.of("command", "events", "arguments", arguments)));
        feed.connect();
        return feed;
    }

    /**
     * The next event; waits for it.
     *
     * @return empty if the process has been replaced, or cut the connection; the next call asks whoever serves then
     * @throws NoPlatformException if the platform has ended
     */
    Optional<Map<String, Object>> next() throws IOException, AdminException {
        if (channel == null) {
            connect();
        }
        if (first != null) {
            Map<String, Object> event = first;
            first = null;
            return Optional.of(event);
        }
        Map<String, Object> line;
        try {
            line = Json.parse(channel.receive(after(FOR_EVER)));
        } catch (EOFException | UnsentException e) {
            close();
            return Optional.empty();
        }
        Optional<Map<String, Object>> event = Json.object(line, "event");
        if (event.isEmpty()) {
            close();
            refuse(line);
        }
        return event;
    }

    /** An update ends it for this process; everything else does for good. */
    private void refuse(Map<String, Object> line) throws IOException, AdminException {
        AdminException refusal = AdminException.of(line)
                .orElseThrow(() -> new IOException("events: the platform answered neither event nor error"));
        if (refusal.errno().equals("ESHUTDOWN")) {
            throw NoPlatformException.ended(dir);
        }
        if (!refusal.errno().equals(AdminClient.NOT_TAKEN_UP)) {
            throw refusal;
        }
    }

    private void connect() throws IOException, AdminException {
        for (int attempt = 1; ; attempt++) {
            channel = AdminClient.open(dir);
            try {
                channel.send(request, after(PATIENCE));
                Map<String, Object> line = Json.parse(channel.receive(after(PATIENCE)));
                if (Json.object(line, "result").isPresent()) {
                    first = following(Json.object(line, "result").get());
                    return;
                }
                close();
                refuse(line);
                if (attempt == ATTEMPTS) {
                    throw new IOException("events: the platform is replaced again and again");
                }
            } catch (EOFException | UnsentException e) {
                close();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static Map<String, Object> following(Map<String, Object> result) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("sequence", 0L);
        event.put("time", System.currentTimeMillis());
        event.put("type", FOLLOWING);
        event.put("subject", "process " + Json.text(result, "pid"));
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("state", Json.text(result, "state"));
        details.put("live_updates", Json.text(result, "live_updates"));
        event.put("details", details);
        return event;
    }

    private static long after(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    @Override
    public void close() {
        LineChannel open = channel;
        channel = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // nothing is lost
        }
    }
}
