// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says, after a second, that the platform has not answered yet, and what it is waiting for if that can be told. */
final class Waiting implements AutoCloseable {
    private static final long SILENCE_MILLIS = 1_000;

    private final Path state;
    private final PrintWriter to;
    private final Thread thread;

    /** @param dir where the platform runs */
    Waiting(Path dir, PrintWriter to) {
        this.state = dir.resolve("state");
        this.to = to;
        this.thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        try {
            Thread.sleep(SILENCE_MILLIS);
        } catch (InterruptedException e) {
            return;
        }
        to.println("luo: waiting for the platform" + reason());
        to.flush();
    }

    private String reason() {
        try {
            return Files.readString(state).strip().equals("frozen")
                    ? ", which is frozen; luo update goes on, luo cancel takes that back"
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
