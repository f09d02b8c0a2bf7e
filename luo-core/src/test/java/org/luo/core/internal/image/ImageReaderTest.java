// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.LuoException;
import org.luo.handover.Image;

/** One fault at a time in the golden image, each with a checksum that is right: refused with its offset. */
final class ImageReaderTest {
    private byte[] golden;

    @BeforeEach
    void theGoldenImage() throws Exception {
        golden = Images.golden();
    }

    private static void refused(long offset, byte[] bytes) {
        refused(offset, Images.image(Images.withCrc(bytes), 3));
    }

    private static void refused(long offset, Image image) {
        assertThatThrownBy(() -> ImageReader.read(image))
                .isInstanceOf(LuoException.MalformedState.class)
                .hasMessageStartingWith("image at offset " + offset + ": ");
    }

    @ParameterizedTest(name = "{0}: u64 at {1} is {2}, refused at {3}")
    @CsvSource(textBlock = """
        length too long            , 16,  664, 16
        length too short           , 16,  648, 16
        length negative            , 16,   -1, 16
        luo_ser in the header      , 32,    0,  0
        luo_ser not aligned        , 32,   65, 65
        luo_ser beyond the end     , 32,  656, 656
        luo_ser across the end     , 32,  632, 632
        luo_ser far away           , 32, 9223372036854775800, 9223372036854775800
        doors in the header        , 40,   48, 48
        doors not aligned          , 40,  561, 561
        doors beyond the end       , 40,  656, 656
        doors are FLBs             , 40,  456, 520
        doors at 2 to the 32nd     , 40, 4294967856, 4294967856
        number zero                , 72,    0, 72
        number negative            , 72,   -1, 72
        sessions in the header     , 80,    8, 8
        sessions beyond the end    , 80, 1000, 1000
        flbs across the end        , 88,  648, 648
        session block is a cycle   , 96,   96, 96
        session block backwards    , 96,   64, 96
        session block within itself, 96,  112, 96
        session block onto files   , 96,  272, 336
        no sessions in the block   , 104,   0, 104
        52 sessions in a block     , 104,  52, 104
        more sessions than bytes   , 104,   8, 96
        sessions without number    , 104,  -1, 104
        files in the header        , 176,   8, 8
        files not aligned          , 176, 276, 276
        files are sessions         , 176,  96, 0
        no files but a count       , 176,   0, 184
        a count too high           , 184,   3, 184
        a count too low            , 184,   1, 184
        a count of zero            , 184,   0, 184
        a file of another session  , 256, 272, 336
        a count without files      , 264,   1, 264
        file block is a cycle      , 272, 272, 272
        file block backwards       , 272,  96, 272
        no files in the block      , 280,   0, 280
        64 files in a block        , 280,  64, 280
        more files than bytes      , 280,   6, 272
        data in the header         , 336,   0, 0
        data not aligned           , 336, 417, 417
        data beyond the end        , 336, 656, 656
        data of two files the same , 400, 416, 400
        data backwards             , 400, 424, 400
        token used twice           , 408,   0, 352
        a second block of FLBs     , 456, 560, 456
        no FLBs in the block       , 464,   0, 464
        64 FLBs in the block       , 464,  64, 464
        FLB counted zero times     , 528,   0, 528
        FLB counted too often      , 528,  -1, 528
        FLB data before the files' , 520, 416, 520
        a second block of doors    , 560, 640, 560
        door data before the FLBs' , 624, 536, 624
        state of role 0            , 632,   0, 632
        state of role 4            , 632,   4, 632
        """)
    void aWrongNumberIsRefusedWithItsOffset(String what, int at, long value, long offset) {
        refused(offset, Images.withU64(golden, at, value));
    }

    @ParameterizedTest(name = "{0}: u32 at {1} is {2}, refused at {3}")
    @CsvSource(textBlock = """
        version zero       ,   8,  0,   8
        version two        ,   8,  2,   8
        fewer fds          ,  24,  2,  24
        more fds           ,  24,  4,  24
        fds without number ,  24, -1,  24
        flags              ,  28,  1,  28
        state across end   , 416, 1000, 416
        state without end  , 416, -1, 416
        state over 16 MiB  , 416, 16777217, 416
        no fds             , 420,  0, 448
        more fds           , 420,  2, 448
        more than there are, 420,  4, 420
        fds negative       , 420, -1, 420
        first fd again     , 448,  0, 448
        second fd skipped  , 544,  2, 544
        first fd negative  , 544, -1, 544
        last fd unused     , 644,  0, 24
        one fd too many    , 644,  2, 644
        """)
    void aWrongSmallNumberIsRefusedWithItsOffset(String what, int at, int value, long offset) {
        refused(offset, Images.withU32(golden, at, value));
    }

    @Test
    void magicAndCompatibleAreLookedAt() {
        refused(0, with(0, "LUOIMAGF"));
        refused(64, with(64, "luo-v5"));
    }

    @Test
    void aChecksumThatDoesNotMatchIsRefused() {
        refused(12, Images.image(Images.withU32(golden, 12, 0), 3));
        refused(12, Images.image(Images.withU64(golden, 288, 0x3576_6466_6d65_6dL), 3));
    }

    @Test
    void namesEndWithTheirNulAndAreLegal() {
        refused(112, with(112, "A".repeat(64)));
        refused(120, with(120, "x"));
        refused(112, with(112, "\0\0\0"));
        refused(288, with(288, "m".repeat(48)));
        refused(300, with(300, "x"));
        refused(288, with(288, "mem d-v2"));
        refused(288, with(288, "mem\u007fd-v2"));
        refused(472, with(472, "\0".repeat(12)));
        refused(576, with(576, "de\nice"));
    }

    @Test
    void namesAreUnique() throws Exception {
        refused(192, with(192, "vm1"));
        List<Contents.FlbRecord> twice =
                Collections.nCopies(2, Images.goldenContents().flbs().getFirst());
        Contents contents = new Contents(1, List.of(), twice, List.of());
        assertThatThrownBy(() -> ImageReader.read(Images.write(contents)))
                .hasMessageContaining("second FLB of the same name");
    }

    @Test
    void asManyFdsMustComeAsAreCounted() throws Exception {
        refused(24, Images.image(golden, 2));
        refused(24, Images.image(golden, 4));
        refused(24, Images.image(golden, 0));
    }

    @Test
    void theStatesFdsAreThoseThatCame() throws Exception {
        Contents contents = ImageReader.read(Images.image(golden, 3));
        List<Integer> fds = new ArrayList<>();
        contents.sessions()
                .forEach(session -> session.files()
                        .forEach(file -> fds.addAll(file.carried().state().fds())));
        assertThat(fds).containsExactly(10);
        assertThat(contents.flbs().getFirst().carried().state().fds()).containsExactly(11);
        assertThat(contents.doors().getFirst().carried().state().fds()).containsExactly(12);
    }

    @Test
    void theBytesMayLieInAnyKindOfBufferAndAreCopied() throws Exception {
        ByteBuffer direct = ByteBuffer.allocateDirect(golden.length).put(golden).flip();
        Contents contents = ImageReader.read(new Image(direct, Images.fds(3)));
        direct.put(424 + 8, (byte) 'X');
        assertThat(contents).isEqualTo(Images.goldenContents());
        assertThat(direct.position()).isZero();
    }

    private byte[] with(int offset, String text) {
        byte[] changed = golden.clone();
        System.arraycopy(text.getBytes(US_ASCII), 0, changed, offset, text.length());
        return changed;
    }
}
