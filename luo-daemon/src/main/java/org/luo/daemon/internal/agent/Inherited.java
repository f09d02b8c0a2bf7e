// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/**
 * What goes over to a successor: {@code u32 version = 1}, {@code u32 owners}, and for each {@code u32 uid}, {@code u8
 * length} and the session's name, all little-endian; and the fd of the listening socket.
 *
 * @param listening where clients connect
 * @param owners whose the sessions are
 */
record Inherited(UnixSocket listening, List<Owner> owners) {
    /** Most owners: all clients that there may be, and what nobody has claimed over some updates. */
    static final int MOST = 8192;

    private static final int VERSION = 1;
    private static final int HEADER = 8;
    private static final int OWNER = 5;

    /** The bytes. */
    static byte[] data(List<Owner> owners) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + owners.size() * (OWNER + SessionName.MAX_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(VERSION).putInt(owners.size());
        for (Owner owner : owners) {
            byte[] name = owner.name().bytes();
            bytes.putInt(owner.uid()).put((byte) name.length).put(name);
        }
        byte[] data = new byte[bytes.position()];
        bytes.get(0, data);
        return data;
    }

    /**
     * What a predecessor left.
     *
     * @throws LuoException EBADMSG · what is wrong with the fd; it is closed
     */
    static Inherited of(PluginState state) throws LuoException {
        try {
            List<Owner> owners = owners(state.data());
            if (state.fds().size() != 1) {
                throw malformed(state.fds().size() + " fds, not 1");
            }
            return new Inherited(adopt(state.fds().getFirst()), owners);
        } catch (LuoException e) {
            state.fds().forEach(Fds::close);
            throw e;
        }
    }

    private static UnixSocket adopt(int fd) throws LuoException {
        UnixSocket socket = UnixSocket.adopt(fd);
        if (socket.type() != UnixSocket.Type.STREAM) {
            throw LuoException.of(Errno.EPROTOTYPE, "open door agent: inherited fd " + fd + " is no stream");
        }
        return socket;
    }

    /**
     * Whose sessions they are, by bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG
     */
    static List<Owner> owners(byte[] data) throws LuoException {
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int version = bytes.getInt();
            int count = bytes.getInt();
            if (version != VERSION || count < 0 || count > MOST) {
                throw malformed("version " + version + " with " + Amount.of(count, "owner"));
            }
            List<Owner> owners = new ArrayList<>(count);
            Set<SessionName> names = new HashSet<>();
            for (int i = 0; i < count; i++) {
                Owner owner = owner(bytes);
                if (!names.add(owner.name())) {
                    throw malformed("two owners of '" + owner.name() + "'");
                }
                owners.add(owner);
            }
            if (bytes.hasRemaining()) {
                throw malformed(bytes.remaining() + " bytes too many");
            }
            return owners;
        } catch (BufferUnderflowException e) {
            throw malformed("only " + data.length + " bytes");
        }
    }

    private static Owner owner(ByteBuffer bytes) throws LuoException {
        int uid = bytes.getInt();
        byte[] name = new byte[bytes.get() & 0xff];
        bytes.get(name);
        try {
            return new Owner(SessionName.of(name), uid);
        } catch (LuoException e) {
            throw malformed(e.getMessage());
        }
    }

    private static LuoException malformed(String what) {
        return LuoException.of(Errno.EBADMSG, "open door agent: inherited state: " + what);
    }
}
