// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ContentTest {
    private static byte[] render(Content content, long generation) {
        byte[] bytes = new byte[(int) content.size()];
        content.render(MemorySegment.ofArray(bytes), 0, generation);
        return bytes;
    }

    private static long crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    /**
     * Both generations of a live update must agree, whatever versions of this bundle they run. The values are from
     * another implementation, in Python.
     */
    @Test
    void theStreamIsWhatItWas() {
        assertThat(crc(render(new Content(42, 7, 100_003, false), 0))).isEqualTo(0x4ed25f48L);
        assertThat(crc(render(new Content(42, 7, 100_003, false), 3))).isEqualTo(0xbdd276f2L);
        assertThat(crc(render(new Content(42, 7, 20_000_000, true), 2))).isEqualTo(0x85056917L);
    }

    @Test
    void piecesAreTheSameAsTheWhole() {
        SplittableRandom random = new SplittableRandom(1);
        for (boolean sparse : new boolean[] {false, true}) {
            Content content = new Content(random.nextLong(), 3, 33_600_001, sparse);
            byte[] whole = render(content, 4);
            for (int round = 0; round < 200; round++) {
                int begin = random.nextInt(whole.length);
                int length = Math.min(whole.length - begin, random.nextInt(1, 70_000));
                byte[] piece = new byte[length];
                content.render(MemorySegment.ofArray(piece), begin, 4);
                assertThat(MemorySegment.ofArray(whole).asSlice(begin, length).mismatch(MemorySegment.ofArray(piece)))
                        .as("%d bytes at %d", length, begin)
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void writingGenerationsInPlaceIsTheSameAsRenderingThem() {
        Content content = new Content(5, 0, 1_000_001, false);
        byte[] written = render(content, 0);
        for (int generation = 1; generation <= 5; generation++) {
            byte[] before = written.clone();
            content.overwrite(MemorySegment.ofArray(written), generation);
            assertThat(written).isNotEqualTo(before).isEqualTo(render(content, generation));
        }
    }

    @Test
    void seedsFilesAndGenerationsAllDiffer() {
        byte[] one = render(new Content(1, 1, 4_096, false), 0);
        assertThat(one).isNotEqualTo(render(new Content(2, 1, 4_096, false), 0));
        assertThat(one).isNotEqualTo(render(new Content(1, 2, 4_096, false), 0));
        assertThat(crc(one)).isNotEqualTo(crc(new byte[4_096]));
    }

    @Test
    void aSparseFileIsMostlyHoles() {
        byte[] bytes = render(new Content(1, 1, 40 << 20, true), 0);
        int filled = 0;
        for (byte b : bytes) {
            filled += b == 0 ? 0 : 1;
        }
        assertThat(filled).isBetween(14_000, 15_000);
        byte[] islands = new byte[bytes.length];
        new Content(1, 1, 40 << 20, true).renderIslands(MemorySegment.ofArray(islands));
        assertThat(crc(islands)).isEqualTo(crc(bytes));
    }

    @Test
    void tinyFilesHaveContentToo() {
        for (int size = 0; size < 40; size++) {
            byte[] bytes = render(new Content(9, 9, size, false), 6);
            assertThat(bytes).hasSize(size);
            byte[] single = new byte[1];
            for (int at = 0; at < size; at++) {
                new Content(9, 9, size, false).render(MemorySegment.ofArray(single), at, 6);
                assertThat(MemorySegment.ofArray(single).get(ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo(bytes[at]);
            }
        }
    }
}
