// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.handover.Image;

/** Golden bytes, and that what was written is what is read. */
final class ImageWriterTest {
    @Test
    void theWriterWritesTheGoldenBytes() throws Exception {
        Image image = Images.write(Images.goldenContents());
        assertThat(Images.bytes(image)).containsExactly(Images.golden());
        assertThat(image.files()).isEqualTo(Images.fds(3));
        assertThat(image.bytes().isReadOnly()).isTrue();
        assertThat(image.bytes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void theReaderReadsThem() throws Exception {
        assertThat(ImageReader.read(Images.image(Images.golden(), 3))).isEqualTo(Images.goldenContents());
    }

    @Test
    void structuresHaveTheKernelsSizes() {
        assertThat(Layout.LUO).isEqualTo(32);
        assertThat(Layout.BLOCK).isEqualTo(16);
        assertThat(Layout.SESSION).isEqualTo(80);
        assertThat(Layout.ENTRY).isEqualTo(64);
        assertThat(Layout.SESSIONS_IN_BLOCK).isEqualTo((4096 - Layout.BLOCK) / Layout.SESSION);
        assertThat(Layout.ENTRIES_IN_BLOCK).isEqualTo((4096 - Layout.BLOCK) / Layout.ENTRY);
    }

    @Test
    void nothingAtAllIsAnImageToo() throws Exception {
        Contents empty = new Contents(1, List.of(), List.of(), List.of());
        Image image = Images.write(empty);
        assertThat(image.bytes().limit()).isEqualTo(96);
        assertThat(ImageReader.read(image)).isEqualTo(empty);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noImageIsLongerThanWasSaidBefore(long seed) throws Exception {
        Contents all = new RandomContents(new Random(seed)).next(200, 300);
        Contents contents = new Contents(all.number(), all.sessions(), all.flbs(), List.of());
        assertThat((long) Images.write(contents).bytes().limit()).isLessThanOrEqualTo(ImageWriter.mostBytes(contents));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void whatIsWrittenIsRead(long seed) throws Exception {
        RandomContents random = new RandomContents(new Random(seed));
        for (int i = 0; i < 25; i++) {
            Contents contents = random.next(2 + i * 6, 3 + i * 8);
            Image image = Images.write(contents);
            assertThat(ImageReader.read(image)).isEqualTo(contents);
            assertThat(Images.bytes(Images.write(contents))).isEqualTo(Images.bytes(image));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 51, 52, 102, 103})
    void blocksAreFilledToTheLastEntry(int count) throws Exception {
        List<SessionRecord> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sessions.add(new SessionRecord(SessionName.of("s" + i), List.of()));
        }
        Contents contents = new Contents(1, sessions, List.of(), List.of());
        Image image = Images.write(contents);
        int blocks = (count + 50) / 51;
        assertThat(image.bytes().limit()).isEqualTo(96 + blocks * 16 + count * 80);
        assertThat(ImageReader.read(image)).isEqualTo(contents);
    }

    @Test
    void moreThan63FlbsOrDoorsHaveNoSpace() throws Exception {
        List<FlbRecord> flbs = IntStream.range(0, 64)
                .mapToObj(i -> new FlbRecord(Compatible.of("f" + i), Images.carried("", List.of()), 1))
                .toList();
        Images.write(new Contents(1, List.of(), flbs.subList(0, 63), List.of()));
        assertThatThrownBy(() -> Images.write(new Contents(1, List.of(), flbs, List.of())))
                .hasMessageEndingWith("[ENOSPC]");
        List<DoorRecord> doors = flbs.stream()
                .map(flb -> new DoorRecord(flb.compatible(), flb.carried()))
                .toList();
        assertThatThrownBy(() -> Images.write(new Contents(1, List.of(), List.of(), doors)))
                .hasMessageEndingWith("[ENOSPC]");
    }

    @Test
    void anImageMayBeExactlyAsLongAsAllowed() throws Exception {
        Contents contents = Images.goldenContents();
        assertThat(Images.bytes(new ImageWriter(0, 656).write(contents))).isEqualTo(Images.golden());
        for (int most : new int[] {655, 648, 400, 96, 95, 0}) {
            assertThatThrownBy(() -> new ImageWriter(0, most).write(contents))
                    .isInstanceOf(LuoException.class)
                    .hasMessageEndingWith("[EFBIG]");
        }
    }

    @Test
    void tooLittleMemoryIsAnErrno() {
        assertThatThrownBy(() -> new ImageWriter(Integer.MAX_VALUE, ImageWriter.MAX_BYTES))
                .isInstanceOf(LuoException.class)
                .hasMessageEndingWith("[ENOMEM]");
    }
}
