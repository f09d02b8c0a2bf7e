// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What one file shall contain, as a function of numbers only: any range can be rendered at any time, in any process.
 *
 * <p>Generation 0 fills the file; a sparse one gets islands, holes between. Every later generation overwrites one range,
 * unaligned on purpose. Units: bytes.
 *
 * @param seed of the whole workload
 * @param file number of the file in it
 * @param size of the file
 * @param sparse whether generation 0 leaves holes
 */
record Content(long seed, long file, long size, boolean sparse) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final long ISLAND = 5_000;
    private static final long STRIDE = 16L << 20;
    private static final long SPARSE_WRITE = 64L << 10;

    /** A range of the file; empty if it ends where it begins. */
    record Range(long begin, long end) {
        long length() {
            return end - begin;
        }

        Range intersection(long otherBegin, long otherEnd) {
            long from = Math.max(begin, otherBegin);
            return new Range(from, Math.max(from, Math.min(end, otherEnd)));
        }
    }

    /** The range that a generation from 1 on overwrites. */
    Range written(long generation) {
        long begin = Long.remainderUnsigned(stream(~generation), size / 2 + 1);
        long length = Math.min(size - begin, size / 8 + 1);
        return new Range(begin, begin + (sparse ? Math.min(length, SPARSE_WRITE) : length));
    }

    /** Renders a part of the file as it is after generation 0. */
    void renderFirst(MemorySegment target, long offset) {
        if (!sparse) {
            fill(target, offset, stream(0));
            return;
        }
        target.fill((byte) 0);
        long end = offset + target.byteSize();
        for (long island = offset / STRIDE * STRIDE; island < end; island += STRIDE) {
            overlay(target, offset, new Range(island, island + ISLAND), 0);
        }
    }

    /** Renders a part of the file as it is after a generation and all before it. */
    void render(MemorySegment target, long offset, long generation) {
        renderFirst(target, offset);
        for (long g = 1; g <= generation; g++) {
            overlay(target, offset, written(g), g);
        }
    }

    /** Renders what one generation writes, and nothing else, into the whole file. */
    void overwrite(MemorySegment whole, long generation) {
        overlay(whole, 0, written(generation), generation);
    }

    /** The islands of a sparse file, rendered into the whole file, without touching the holes. */
    void renderIslands(MemorySegment whole) {
        for (long island = 0; island < size; island += STRIDE) {
            overlay(whole, 0, new Range(island, island + ISLAND), 0);
        }
    }

    private void overlay(MemorySegment target, long offset, Range range, long generation) {
        Range part = range.intersection(offset, offset + target.byteSize());
        if (part.length() > 0) {
            fill(target.asSlice(part.begin() - offset, part.length()), part.begin(), stream(generation));
        }
    }

    /** Where a generation's stream of words begins. */
    private long stream(long generation) {
        return mix(seed ^ mix(file * GOLDEN + 1) ^ mix(generation * GOLDEN + 2));
    }

    /** Byte i of a file comes from word i/8 of the stream, lowest byte first. */
    private static void fill(MemorySegment target, long offset, long stream) {
        long position = 0;
        long size = target.byteSize();
        while (position < size && (offset + position) % Long.BYTES != 0) {
            target.set(ValueLayout.JAVA_BYTE, position, octet(stream, offset + position));
            position++;
        }
        long word = (offset + position) / Long.BYTES;
        for (; position <= size - Long.BYTES; position += Long.BYTES) {
            target.set(WORD, position, mix(stream + word++ * GOLDEN));
        }
        for (; position < size; position++) {
            target.set(ValueLayout.JAVA_BYTE, position, octet(stream, offset + position));
        }
    }

    private static byte octet(long stream, long index) {
        return (byte) (mix(stream + index / Long.BYTES * GOLDEN) >>> index % Long.BYTES * Byte.SIZE);
    }

    /** The output function of SplittableRandom: every word depends on its index only. */
    private static long mix(long z) {
        long once = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        long twice = (once ^ once >>> 27) * 0x94d049bb133111ebL;
        return twice ^ twice >>> 31;
    }
}
