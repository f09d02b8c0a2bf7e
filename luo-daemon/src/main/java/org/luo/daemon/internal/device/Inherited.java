// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/**
 * The sockets that go over to a successor: {@code u32 version = 1}, {@code u32 connections}, both little-endian; the fd
 * of the listening socket, then one for each connection.
 *
 * @param listening where clients connect
 * @param connections the device as clients have it open
 */
record Inherited(UnixSocket listening, List<UnixSocket> connections) {
    /** Most connections that go over; of more, the latest. */
    static final int MOST = 64;

    private static final int VERSION = 1;
    private static final int BYTES = 8;

    /** What the successor gets. The fds stay this process's. */
    PluginState state() {
        List<UnixSocket> latest = connections.subList(Math.max(0, connections.size() - MOST), connections.size());
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(VERSION).putInt(latest.size());
        List<Integer> fds = new ArrayList<>();
        fds.add(listening.fd());
        latest.forEach(connection -> fds.add(connection.fd()));
        return new PluginState(bytes.array(), fds);
    }

    /**
     * What a predecessor left.
     *
     * @throws LuoException EBADMSG · what is wrong with an fd; all are closed
     */
    static Inherited of(PluginState state) throws LuoException {
        List<UnixSocket> sockets = new ArrayList<>();
        try {
            check(state);
            for (int fd : state.fds()) {
                sockets.add(adopt(fd));
            }
            return new Inherited(sockets.getFirst(), List.copyOf(sockets.subList(1, sockets.size())));
        } catch (LuoException e) {
            state.fds().forEach(Fds::close);
            throw e;
        }
    }

    private static void check(PluginState state) throws LuoException {
        ByteBuffer bytes = ByteBuffer.wrap(state.data()).order(ByteOrder.LITTLE_ENDIAN);
        boolean known = bytes.remaining() == BYTES && bytes.getInt(0) == VERSION;
        if (!known
                || bytes.getInt(4) < 0
                || bytes.getInt(4) > MOST
                || bytes.getInt(4) != state.fds().size() - 1) {
            throw LuoException.of(Errno.EBADMSG, "open door device: inherited state of " + state);
        }
    }

    private static UnixSocket adopt(int fd) throws LuoException {
        UnixSocket socket = UnixSocket.adopt(fd);
        if (socket.type() != UnixSocket.Type.SEQPACKET) {
            throw LuoException.of(Errno.EPROTOTYPE, "open door device: inherited fd " + fd + " is a stream");
        }
        return socket;
    }

    /** Closes all of them. */
    void close() {
        listening.close();
        connections.forEach(UnixSocket::close);
    }
}
