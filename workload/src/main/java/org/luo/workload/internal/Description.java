// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;

/**
 * What a workload consists of; preserved with it, in a memfd under token ~0 of its first session.
 *
 * <p>Shape, little-endian: header of 48 bytes {magic u64, CRC32C of all that follows u32, files u32, sessions u32, sparse
 * u32, seed u64, generation u64, 0 u64}; sessions of 64 bytes, the name padded with NULs; files of 56 bytes {session
 * u32, seals u32, token u64, size u64, position u64, mode u32, writable u32, device u64, inode u64}.
 *
 * @param seed what the contents follow from
 * @param sparse whether the files have holes
 * @param generation how often the writable files have been written since they were preserved
 * @param sessions its sessions, those without a file as well
 * @param files the files, in order; a file's number is its index
 */
record Description(long seed, boolean sparse, long generation, List<SessionName> sessions, List<File> files) {
    /** The token of the description itself. */
    static final Token TOKEN = Token.of(~0L);

    private static final long MAGIC = 0x31_4b_52_4f_57_4f_55_4cL; // LUOWORK1
    private static final int CHECKED_FROM = 12;
    private static final int HEADER = 48;
    private static final int SESSION = 64;
    private static final int FILE = 56;

    /**
     * A file as it was when it was preserved.
     *
     * @param seals see F_GET_SEALS
     * @param mode see fstat, likewise device and inode
     * @param writable whether later generations are written to it
     */
    record File(
            SessionName session,
            Token token,
            long size,
            long position,
            int seals,
            int mode,
            boolean writable,
            long device,
            long inode) {
        @Override
        public String toString() {
            return session + "/" + token;
        }
    }

    /** What a file shall contain. */
    Content content(int file) {
        return new Content(seed, file, files.get(file).size(), sparse);
    }

    /** The generation whose content a file has. */
    long generation(int file) {
        return files.get(file).writable() ? generation : 0;
    }

    Description withGeneration(long next) {
        return new Description(seed, sparse, next, sessions, files);
    }

    byte[] encode() {
        ByteBuffer buffer = buffer(new byte[HEADER + sessions.size() * SESSION + files.size() * FILE]);
        buffer.putLong(MAGIC).putInt(0).putInt(files.size()).putInt(sessions.size());
        buffer.putInt(sparse ? 1 : 0).putLong(seed).putLong(generation).putLong(0);
        Map<SessionName, Integer> index = new HashMap<>();
        for (SessionName session : sessions) {
            index.put(session, index.size());
            buffer.put(Arrays.copyOf(session.bytes(), SESSION));
        }
        for (File file : files) {
            buffer.putInt(index.get(file.session())).putInt(file.seals());
            buffer.putLong(file.token().value()).putLong(file.size()).putLong(file.position());
            buffer.putInt(file.mode()).putInt(file.writable() ? 1 : 0);
            buffer.putLong(file.device()).putLong(file.inode());
        }
        buffer.putInt(Long.BYTES, checksum(buffer.array()));
        return buffer.array();
    }

    /** @throws LuoException EBADMSG if it is damaged */
    static Description decode(byte[] bytes) throws LuoException {
        ByteBuffer buffer = buffer(bytes);
        if (bytes.length < HEADER || buffer.getLong() != MAGIC || buffer.getInt() != checksum(bytes)) {
            throw LuoException.of(Errno.EBADMSG, "description of the workload, " + bytes.length + " bytes: damaged");
        }
        int files = buffer.getInt();
        int sessions = buffer.getInt();
        boolean sparse = buffer.getInt() != 0;
        long seed = buffer.getLong();
        long generation = buffer.getLong();
        buffer.getLong();
        if (bytes.length != HEADER + (long) sessions * SESSION + (long) files * FILE) {
            throw LuoException.of(Errno.EBADMSG, "description of the workload: of a length that does not fit it");
        }
        List<SessionName> names = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            names.add(name(buffer));
        }
        List<File> list = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            list.add(file(buffer, names));
        }
        return new Description(seed, sparse, generation, List.copyOf(names), List.copyOf(list));
    }

    private static SessionName name(ByteBuffer buffer) throws LuoException {
        byte[] padded = new byte[SESSION];
        buffer.get(padded);
        int length = 0;
        while (length < SESSION && padded[length] != 0) {
            length++;
        }
        return SessionName.of(Arrays.copyOf(padded, length));
    }

    private static File file(ByteBuffer buffer, List<SessionName> names) {
        SessionName session = names.get(buffer.getInt());
        int seals = buffer.getInt();
        Token token = Token.of(buffer.getLong());
        long size = buffer.getLong();
        long position = buffer.getLong();
        int mode = buffer.getInt();
        boolean writable = buffer.getInt() != 0;
        return new File(session, token, size, position, seals, mode, writable, buffer.getLong(), buffer.getLong());
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, CHECKED_FROM, bytes.length - CHECKED_FROM);
        return (int) checksum.getValue();
    }
}
