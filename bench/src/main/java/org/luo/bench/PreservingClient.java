// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.luo.cli.AdminClient;
import org.luo.cli.AdminException;
import org.luo.cli.PlatformProcess;

/** A client that preserves one file after the other, each in a session of its own, and notes how long it had to wait. */
final class PreservingClient implements Runnable {
    private static final long PAUSE_MILLIS = 2;

    private final PlatformProcess platform;
    private final String name;
    private volatile boolean ended;

    // Written by its thread alone.
    private volatile long calls;
    private volatile Exception failure;
    private long longest; // read after it has ended

    /** @param name what its sessions' names begin with */
    PreservingClient(PlatformProcess platform, String name) {
        this.platform = platform;
        this.name = name;
    }

    @Override
    public void run() {
        try (AdminClient client = platform.connect()) {
            while (!ended) {
                long start = System.nanoTime();
                client.call("workload.preserve", Map.of("sessions", List.of(name + calls), "files", 1, "bytes", 4096));
                longest = Math.max(longest, System.nanoTime() - start);
                calls = calls + 1;
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException | AdminException | InterruptedException e) {
            failure = e;
        }
    }

    /** Waits until it has made so many more calls, or one has failed. */
    void await(int more) throws InterruptedException {
        long goal = calls + more;
        while (failure == null && calls < goal) {
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    void end() {
        ended = true;
    }

    long calls() {
        return calls;
    }

    /** @throws IOException if a call failed */
    double longestMillis() throws IOException {
        if (failure != null) {
            throw new IOException("a client's call failed during an adoption: " + failure.getMessage(), failure);
        }
        return longest / 1e6;
    }
}
