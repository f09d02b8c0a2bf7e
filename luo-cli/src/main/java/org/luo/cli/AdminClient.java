// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.luo.cli.LineChannel.UnsentException;

/**
 * A client of a platform's administration socket.
 *
 * <p>Shape: a line of JSON each way, {@code {"command":…,"arguments":{…}}} and {@code {"result":{…}}} or
 * {@code {"error":{…}}}. A request that the platform did not take up, because it was being replaced or had closed an idle
 * connection, is sent again on a new connection; so one client serves across a live update, first the predecessor, then
 * the successor. Not thread-safe.
 */
public final class AdminClient implements AutoCloseable {
    /** How long {@link #call(String, Map)} waits for an answer. */
    public static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final String SOCKET = "admin.sock";
    /** The errno of a request that another process is to be asked. */
    static final String NOT_TAKEN_UP = "ERESTART";

    private static final int ATTEMPTS = 5;

    private final Path dir;
    private LineChannel channel;

    private AdminClient(Path dir) throws IOException {
        this.dir = dir;
        this.channel = open(dir);
    }

    /**
     * Connects to the platform that runs at a directory.
     *
     * @throws NoPlatformException if nobody answers there
     */
    public static AdminClient connect(Path dir) throws IOException {
        return new AdminClient(dir);
    }

    /** As {@link #call(String, Map, Duration)}, waiting ten minutes at most. */
    public Map<String, Object> call(String command, Map<String, ?> arguments) throws IOException, AdminException {
        return call(command, arguments, PATIENCE);
    }

    /**
     * Runs one command.
     *
     * @param patience how long the whole call may take
     * @return the result
     * @throws AdminException if the platform refuses
     * @throws SocketTimeoutException if there is no answer in time; whether the command ran is not known then
     */
    public Map<String, Object> call(String command, Map<String, ?> arguments, Duration patience)
            throws IOException, AdminException {
        String request = Json.write(Map.of("command", command, "arguments", arguments));
        long deadline = System.nanoTime() + patience.toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(command, request, deadline);
            } catch (AdminException e) {
                if (attempt == ATTEMPTS || !e.errno().equals(NOT_TAKEN_UP)) {
                    throw e;
                }
            } catch (UnsentException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
            close();
            channel = open(dir);
        }
    }

    private Map<String, Object> attempt(String command, String request, long deadline)
            throws IOException, AdminException {
        channel.send(request, deadline);
        Map<String, Object> reply = Json.parse(channel.receive(deadline));
        var refusal = AdminException.of(reply);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        return Json.object(reply, "result").orElseThrow(() -> new IOException(command + ": neither result nor error"));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing is lost: every answer has been read or is of no interest any more
        }
    }

    /** @throws NoPlatformException if nobody answers there */
    static LineChannel open(Path dir) throws IOException {
        Path socket = dir.resolve(SOCKET);
        try {
            return LineChannel.open(socket);
        } catch (SocketException e) {
            if (Files.exists(socket) && !Files.isWritable(socket)) {
                throw new IOException("no permission for " + socket + "; be the user who started the platform", e);
            }
            throw new NoPlatformException(dir, e);
        }
    }
}
