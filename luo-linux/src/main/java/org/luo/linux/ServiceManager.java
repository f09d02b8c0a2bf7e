// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The service manager's end of the notification protocol: datagrams of {@code NAME=value} lines, fds beside them. It
 * answers none. What it hands in is {@link ListenFds}. Thread-safe.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
public final class ServiceManager {
    private static final String SOCKET = "NOTIFY_SOCKET";

    /** A manager that has no time for so long has worse problems than what we have to say. */
    private static final long PATIENCE_MILLIS = 5000;

    private final String address;

    private ServiceManager(String address) {
        this.address = address;
    }

    /** The one that the environment names; empty if there is none. */
    public static Optional<ServiceManager> of(Map<String, String> environment) {
        String address = environment.get(SOCKET);
        boolean known = address != null && address.length() > 1 && (address.startsWith("/") || address.startsWith("@"));
        return known ? Optional.of(new ServiceManager(address)) : Optional.empty();
    }

    /**
     * How many files it keeps for this service: {@code FDSTORE}, which systemd 254 sets, or {@code LUO_FDSTORE}, which a unit
     * may; 0 if nothing says so.
     *
     * @throws LuoException EINVAL if that is no number
     */
    public static long keeps(Map<String, String> environment) throws LuoException {
        String given = environment.getOrDefault("FDSTORE", environment.getOrDefault("LUO_FDSTORE", "0"));
        try {
            return Math.max(0, Long.parseLong(given));
        } catch (NumberFormatException e) {
            throw LuoException.of(Errno.EINVAL, "FDSTORE=" + given.replaceAll("\\p{Cntrl}", "?") + " is no number", e);
        }
    }

    /**
     * A conversation of many messages.
     *
     * @throws LuoException ECONNREFUSED, ENOENT if it has gone
     */
    public Conversation connect() throws LuoException {
        Datagrams socket =
                address.startsWith("@") ? Datagrams.toAbstract(address.substring(1)) : Datagrams.to(Path.of(address));
        try {
            socket.setSendTimeout(PATIENCE_MILLIS);
            return new Conversation(socket);
        } catch (LuoException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Tells it something, with fds that stay the caller's.
     *
     * @throws LuoException ECONNREFUSED, ENOENT if it has gone · ETIMEDOUT if it does not listen
     */
    public void tell(String lines, int... fds) throws LuoException {
        try (Conversation conversation = connect()) {
            conversation.tell(lines, fds);
        }
    }

    /** Messages in order. One thread. */
    public static final class Conversation implements AutoCloseable {
        private final Datagrams socket;

        private Conversation(Datagrams socket) {
            this.socket = socket;
        }

        /** Tells it something, with fds that stay the caller's. */
        public void tell(String lines, int... fds) throws LuoException {
            socket.send(lines.getBytes(StandardCharsets.UTF_8), fds);
        }

        /**
         * Waits until it has taken up everything that it was told.
         *
         * @throws LuoException ETIMEDOUT · EPROTO if it answers, which it never does
         */
        public void await() throws LuoException {
            try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
                tell("BARRIER=1", pair.other().fd());
                pair.other().close(); // the manager has the only one, and closes it when it gets there
                pair.one().setReceiveTimeout(PATIENCE_MILLIS);
                if (pair.one().read(new byte[1], 0, 1) >= 0) {
                    throw LuoException.of(Errno.EPROTO, "the service manager answers a barrier");
                }
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
