// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Session;
import org.luo.SessionName;
import org.luo.daemon.internal.device.Command.Target;
import org.luo.linux.UnixSocket;

/** The device, opened by a client: on it sessions are created and retrieved. Closing it does not touch them. */
final class DeviceConnection extends Client {
    private final Endpoints endpoints;
    private final Device device;

    DeviceConnection(UnixSocket socket, Endpoints endpoints, Device device) {
        super(socket, endpoints);
        this.endpoints = endpoints;
        this.device = device;
    }

    @Override
    Target target() {
        return Target.DEVICE;
    }

    /** The fds come first, as in the kernel. If the client can't be told, its end closes, and so the session does. */
    @Override
    void execute(Command command, Exchange exchange) throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        boolean served = false;
        try {
            Session session = command == Command.CREATE_SESSION ? create(exchange) : retrieve(exchange);
            device.serveOrClose(pair.one(), session);
            served = true;
        } finally {
            if (!served) {
                pair.close();
            }
        }
        endpoints.giveAway(pair.other(), exchange, command);
    }

    private Session create(Exchange exchange) throws LuoException {
        SessionName name = SessionName.of(exchange.name());
        return device.reaper().attempt(exchange, () -> device.sessions().create(name), Errno.EEXIST);
    }

    private Session retrieve(Exchange exchange) throws LuoException {
        byte[] bytes = exchange.name();
        if (bytes.length == 0 || bytes.length > SessionName.MAX_BYTES) {
            throw LuoException.of(Errno.ENOENT, "retrieve a session by a name of " + bytes.length + " bytes");
        }
        SessionName name = SessionName.of(bytes);
        return device.reaper().attempt(exchange, () -> device.sessions().retrieve(name), Errno.ENOENT, Errno.EINVAL);
    }

    @Override
    void abandon() {
        device.closed(this);
    }

    @Override
    void refuse(Exchange exchange) {
        // what is queued is the successor's
    }

    @Override
    public String toString() {
        return "the open device";
    }
}
