// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.nio.charset.StandardCharsets;

/**
 * Where things stand in an image. All numbers are little-endian and unsigned; every structure is 8-byte aligned; an
 * offset counts from the start of the image, 0 meaning none. The structures after the header are the kernel's, with
 * offsets where it has physical addresses and blocks as long as their entries need.
 *
 * <pre>
 * header  64  magic[8] @0, version u32 @8, crc32c u32 @12 (of the image with this field 0), length u64 @16,
 *             fds u32 @24, kind u32 @28 (0 whole, 1 draft, 2 delta), luo_ser u64 @32, named u64 @40 (a block of
 *             named states), and in a delta: crc32c of the draft u32 @48, reserved u32 @52 (0), places u64 @56
 * luo_ser 32  compatible[8] @0, liveupdate_num u64 @8, sessions u64 @16, flbs u64 @24
 * block   16  next u64 @0 (behind this block), count u64 @8, entries follow
 * session 80  name[64] @0, files u64 @64, count u64 @72; at most 51 in a block
 * file    64  compatible[48] @0, data u64 @48, token u64 @56; at most 63 in a block
 * flb     64  name[48] @0, data u64 @48, count u64 @56; at most 63, in one block
 * named   64  as flb, with a role instead of the count: 1 a door's, 2 a subsystem's, 3 the core's
 *             own, in this order
 * place   16  index of the session in the draft u32 @0 (all ones: the next of the sessions above), changed files
 *             u32 @4, chain of those u64 @8; at most 255 in a block, and so with the changed files
 * changed 16  index of the file in the session u32 @0, flags u32 @4 (1: its fds are the draft's), data u64 @8
 * data    16  bytes u32 @0, fds u32 @4, first fd's index u32 @8, reserved u32 @12 (0), then the bytes
 * </pre>
 *
 * @see <a href="https://docs.kernel.org/core-api/liveupdate.html">Live Update ABI</a>
 */
final class Layout {
    static final byte[] MAGIC = "LUOIMAGE".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final byte[] COMPATIBLE = "luo-p2\0\0".getBytes(StandardCharsets.US_ASCII);

    static final int HEADER = 64;
    static final int H_VERSION = 8;
    static final int H_CRC = 12;
    static final int H_LENGTH = 16;
    static final int H_FDS = 24;
    static final int H_KIND = 28;
    static final int H_LUO = 32;
    static final int H_NAMED = 40;
    static final int H_DRAFT = 48;
    static final int H_RESERVED = 52;
    static final int H_PLACES = 56;

    /** Kinds of image. */
    static final int WHOLE = 0;

    static final int DRAFT = 1;
    static final int DELTA = 2;

    static final int LUO = 32;
    static final int L_NUMBER = 8;
    static final int L_SESSIONS = 16;
    static final int L_FLBS = 24;

    static final int BLOCK = 16;
    static final int B_COUNT = 8;

    static final int SESSION = 80;
    static final int SESSION_NAME = 64;
    static final int S_FILES = 64;
    static final int S_COUNT = 72;
    static final int SESSIONS_IN_BLOCK = 51;

    /** File, FLB and named state alike: a name, an offset and a number. */
    static final int ENTRY = 64;

    static final int ENTRY_NAME = 48;
    static final int E_DATA = 48;
    static final int E_NUMBER = 56;
    static final int ENTRIES_IN_BLOCK = 63;

    /** Roles of named states. */
    static final int DOOR = 1;

    static final int SUBSYSTEM = 2;
    static final int CORE = 3;

    static final int PLACE = 16;
    static final int P_COUNT = 4;
    static final int P_CHANGED = 8;
    static final int CHANGED = 16;
    static final int C_FLAGS = 4;
    static final int C_DATA = 8;
    static final int SAME_FILES = 1;
    static final int PLACES_IN_BLOCK = 255;

    static final int DATA = 16;
    static final int D_FDS = 4;
    static final int D_FIRST = 8;

    /** Longest image: what a Java buffer holds. */
    static final int MAX_BYTES = Integer.MAX_VALUE - 64;

    private Layout() {}

    static long align(long offset) {
        return (offset + 7) & ~7L;
    }
}
