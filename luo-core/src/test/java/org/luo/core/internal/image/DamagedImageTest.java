// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.luo.LuoException;
import org.luo.core.internal.Carried;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;

/** Every truncation and every flipped bit of a medium image, then damage that hides behind a right checksum. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DamagedImageTest {
    private Image image;
    private byte[] bytes;

    @BeforeAll
    void aMediumImage() throws Exception {
        RandomContents random = new RandomContents(new Random(4711));
        do {
            image = Images.write(random.next(6, 12));
            bytes = Images.bytes(image);
        } while (bytes.length < 3000 || bytes.length > 6000 || image.files().size() < 10);
        ImageReader.read(image);
    }

    private Image damaged(byte[] changed) {
        return new Image(java.nio.ByteBuffer.wrap(changed), image.files());
    }

    private void refused(byte[] changed, int at) {
        assertThatThrownBy(() -> ImageReader.read(damaged(changed)))
                .as("damaged at %d", at)
                .isInstanceOf(LuoException.MalformedState.class);
    }

    /** Whether it was accepted. */
    private boolean readOrRefused(byte[] changed) throws Exception {
        Contents contents;
        try {
            contents = ImageReader.read(damaged(changed));
        } catch (LuoException.MalformedState e) {
            return false;
        }
        assertThat(ImageReader.read(Images.write(contents))).isEqualTo(contents);
        requireValid(contents);
        return true;
    }

    private void requireValid(Contents contents) {
        List<OpenFile> fds = new ArrayList<>();
        assertThat(contents.number()).isPositive();
        assertThat(contents.sessions()).extracting(session -> session.name()).doesNotHaveDuplicates();
        contents.sessions().forEach(session -> {
            var tokens = new HashSet<>();
            session.files().forEach(file -> {
                assertThat(tokens.add(file.token())).isTrue();
                add(fds, file.carried());
            });
        });
        contents.flbs().forEach(flb -> {
            assertThat(flb.count()).isPositive();
            add(fds, flb.carried());
        });
        contents.doors().forEach(door -> add(fds, door.carried()));
        contents.states().forEach(state -> add(fds, state.carried()));
        assertThat(fds).isEqualTo(image.files());
    }

    private static void add(List<OpenFile> fds, Carried carried) {
        assertThat(carried.state().fds())
                .isEqualTo(carried.files().stream().map(OpenFile::fd).toList());
        fds.addAll(carried.files());
    }

    @Test
    void truncatedAtAnyOffsetItIsRefused() {
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length), length);
        }
        refused(Arrays.copyOf(bytes, bytes.length + 1), bytes.length + 1);
    }

    @Test
    void truncatedWithAMatchingLengthAndChecksumItIsRefusedToo() {
        for (int length = 64; length < bytes.length; length++) {
            byte[] cut = Images.withCrc(Images.withU64(Arrays.copyOf(bytes, length), 16, length));
            if (length < bytes.length - 7) {
                refused(cut, length);
            }
        }
    }

    @Test
    void withAnyBitFlippedItIsRefused() {
        byte[] changed = bytes.clone();
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            refused(changed, bit);
            changed[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void aFlippedBitBehindARightChecksumIsRefusedOrHarmless() throws Exception {
        byte[] changed = bytes.clone();
        int accepted = 0;
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            accepted += readOrRefused(Images.withCrc(changed)) ? 1 : 0;
            changed[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(accepted)
                .as("data, names, tokens and numbers can hold anything")
                .isPositive();
    }

    @Test
    void anySizeOfDamageBehindARightChecksumIsRefusedOrHarmless() throws Exception {
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = bytes.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                int at = 16 + 8 * random.nextInt(bytes.length / 8 - 2);
                long offset = 8L * random.nextInt(bytes.length / 8);
                changed = Images.withU64(changed, at, random.nextBoolean() ? offset : random.nextLong(-2, 70));
            }
            readOrRefused(Images.withCrc(changed));
        }
    }

    @Test
    void noiseIsRefused() throws Exception {
        Random random = new Random(43);
        for (int i = 0; i < 2_000; i++) {
            byte[] noise = new byte[random.nextInt(1000)];
            random.nextBytes(noise);
            refused(noise, i);
            if (noise.length > 96) {
                System.arraycopy(bytes, 0, noise, 0, 64);
                byte[] headed = Images.withU64(noise, 16, noise.length);
                assertThat(readOrRefused(Images.withCrc(Images.withU64(headed, 32, 64))))
                        .isFalse();
            }
        }
    }
}
