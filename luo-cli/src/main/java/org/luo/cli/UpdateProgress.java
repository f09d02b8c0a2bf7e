// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Prints the phases of a live update as they end, with the seconds since it began. */
final class UpdateProgress implements AutoCloseable {
    private static final List<String> TYPES = List.of("update_started", "update_phase", "state_changed");

    private final EventFeed feed;
    private final PrintWriter to;
    private final Thread thread;
    private long began;

    /** Begins to watch; once this returns nothing is missed. */
    UpdateProgress(Path dir, PrintWriter to) throws IOException, AdminException {
        this.feed = EventFeed.open(dir, TYPES);
        this.to = to;
        this.thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        try {
            Optional<Map<String, Object>> event = feed.next();
            while (event.isPresent()) {
                show(event.get());
                event = feed.next();
            }
        } catch (IOException | AdminException | RuntimeException e) {
            // only the watching has ended: what became of the update is answered elsewhere
        }
    }

    private void show(Map<String, Object> event) {
        Map<String, Object> details = Json.object(event, "details").orElse(Map.of());
        String what = switch (Json.text(event, "type")) {
            case "update_started" -> "started";
            case "update_phase" -> Json.text(event, "subject");
            case "state_changed" -> Json.text(details, "to");
            default -> "";
        };
        long time = Json.number(event, "time");
        began = began == 0 ? time : began;
        if (!what.isEmpty()) {
            to.println(Table.printable(String.format(Locale.ROOT, "%7.1f s  %s", (time - began) / 1e3, what)));
            to.flush();
        }
    }

    /** Waits a moment for what is still to be said. */
    @Override
    public void close() {
        try {
            thread.join(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        feed.close();
    }
}
