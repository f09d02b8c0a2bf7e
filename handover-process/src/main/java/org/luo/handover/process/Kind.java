// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import org.luo.linux.UnixSocket;

/**
 * The messages, in the order in which they are usual. Little-endian, one per SOCK_SEQPACKET message: a header of 16
 * bytes, then the body.
 *
 * <pre>
 * header    u32 magic · u16 kind · u16 0 · u64 epoch
 *
 * S → P  HELLO      u32 protocol · u32 pid · u64 fd limit · u8 length, Java version · u32 n, n × (u8 length, compatible)
 * P → S  REHEARSE   u32 ms                                           S → P  REHEARSED
 * P → S  PREPARE    u32 flags · u32 least, u32 most fds · u64 image capacity; 1 fd: the image, read-only
 *                                                                    S → P  PREPARED
 * P → S  FREEZING   S need not answer, and stays awake for what follows
 * P → S  BEGIN      u32 fds
 * P → S  BATCH      u32 index of the first · u32 n · n × (u64 device, u64 inode); n fds
 * P → S  IMAGE      u64 length; the image is sealed                  S → P  READY  u32 fds · u64 ns · u64 ns
 * P → S  COMMIT                                                      S → P  CONFIRM, HEALTHY
 *        anything   instead of an answer                             S → P  REFUSED  u32 errno · message
 * </pre>
 *
 * <p>PREPARE to CONFIRM is a <em>pass</em>. It has an epoch of its own, higher than those before; passes are rehearsals
 * but for the last one.
 */
enum Kind {
    HELLO(21, Wire.MAX_BYTES, 0),
    REHEARSE(4),
    REHEARSED(0),
    PREPARE(20, 20, 1),
    PREPARED(0),
    FREEZING(0),
    BEGIN(4),
    BATCH(8 + Kind.IDENTITY, 8 + UnixSocket.MAX_FDS * Kind.IDENTITY, UnixSocket.MAX_FDS),
    IMAGE(8),
    READY(20),
    COMMIT(0),
    CONFIRM(0),
    HEALTHY(0),
    REFUSED(4, 4 + Kind.MAX_REASON, 0);

    /** Version of the protocol; the two sides must have the same. */
    static final int PROTOCOL = 2;

    /** Bytes of device and inode. */
    static final int IDENTITY = 16;

    /** Most bytes of a refusal's message. */
    static final int MAX_REASON = 4096;

    private static final Kind[] BY_NUMBER = values();

    private final int minBytes;
    private final int maxBytes;
    private final int maxFds;

    Kind(int bytes) {
        this(bytes, bytes, 0);
    }

    Kind(int minBytes, int maxBytes, int maxFds) {
        this.minBytes = minBytes;
        this.maxBytes = maxBytes;
        this.maxFds = maxFds;
    }

    /** The kind with this number, or null. */
    static Kind of(int number) {
        return number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /** Whether a message of this kind may have such a body and as many fds. */
    boolean fits(int bytes, int fds) {
        return bytes >= minBytes && bytes <= maxBytes && fds <= maxFds;
    }
}
