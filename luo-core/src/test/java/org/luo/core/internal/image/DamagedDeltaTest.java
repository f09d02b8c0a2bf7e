// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Delta.ChangedFile;
import org.luo.core.internal.image.Delta.Place;
import org.luo.handover.Image;

/** Every truncation and every flipped bit of what counts on a draft, also behind a right checksum. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DamagedDeltaTest {
    private static final int CHECKSUM = 0x12345678;

    private Contents draft;
    private Image image;
    private byte[] bytes;

    @BeforeAll
    void aDeltaWithEverythingInIt() throws Exception {
        RandomContents random = new RandomContents(new Random(99));
        Contents news;
        do {
            draft = random.next(6, 8);
            news = random.next(2, 3);
        } while (draft.sessions().size() < 4
                || draft.sessions().get(1).files().size() < 3
                || news.sessions().isEmpty()
                || Images.bytes(Images.write(news)).length > 3000);
        List<Place> places = new ArrayList<>();
        places.add(new Place(1, changed(draft.sessions().get(1))));
        news.sessions().forEach(session -> places.add(Place.OF_NEW));
        places.add(new Place(3, List.of()));
        places.add(new Place(0, List.of()));
        image = new ImageWriter(0, ImageWriter.MAX_BYTES).write(new Delta(CHECKSUM, news, places));
        bytes = Images.bytes(image);
        Delta read = ImageReader.readDelta(image, draft, CHECKSUM);
        assertThat(read.news()).isEqualTo(news);
        assertThat(read.places())
                .extracting(Place::draft)
                .startsWith(1, Delta.NEW)
                .endsWith(3, 0);
        assertThat(read.places().getFirst().changed())
                .extracting(ChangedFile::index)
                .containsExactly(0, 2);
    }

    private static List<ChangedFile> changed(SessionRecord session) {
        return List.of(
                new ChangedFile(0, session.files().get(0).carried(), true),
                new ChangedFile(2, session.files().get(2).carried(), false));
    }

    private void refused(byte[] damaged, int at) {
        assertThatThrownBy(() -> read(damaged)).as("damaged at %d", at).isInstanceOf(LuoException.MalformedState.class);
    }

    private Delta read(byte[] damaged) throws LuoException {
        return ImageReader.readDelta(new Image(ByteBuffer.wrap(damaged), image.files()), draft, CHECKSUM);
    }

    private boolean readOrRefused(byte[] damaged) throws LuoException {
        Delta delta;
        try {
            delta = read(damaged);
        } catch (LuoException.MalformedState e) {
            return false;
        }
        Set<Integer> kept = new HashSet<>();
        Set<SessionName> names = new HashSet<>();
        int nextNew = 0;
        for (Place place : delta.places()) {
            boolean isNew = place.draft() == Delta.NEW;
            SessionRecord session = isNew
                    ? delta.news().sessions().get(nextNew++)
                    : draft.sessions().get(place.draft());
            assertThat(isNew || kept.add(place.draft())).isTrue();
            assertThat(names.add(session.name())).isTrue();
            place.changed()
                    .forEach(file -> assertThat(file.index())
                            .isBetween(0, session.files().size() - 1));
        }
        assertThat(nextNew).isEqualTo(delta.news().sessions().size());
        return true;
    }

    @Test
    void truncatedOrFlippedItIsRefused() {
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length), length);
        }
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            refused(changed, bit);
        }
    }

    @Test
    void aFlippedBitBehindARightChecksumIsRefusedOrHarmless() throws Exception {
        int accepted = 0;
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            accepted += readOrRefused(Images.withCrc(changed)) ? 1 : 0;
        }
        assertThat(accepted).as("data, names and tokens can hold anything").isPositive();
    }

    @Test
    void anySizeOfDamageBehindARightChecksumIsRefusedOrHarmless() throws Exception {
        Random random = new Random(44);
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
    void ofAnotherDraftItIsRefused() {
        assertThatThrownBy(() -> ImageReader.readDelta(image, draft, CHECKSUM + 1))
                .isInstanceOf(LuoException.MalformedState.class)
                .hasMessageContaining("counts on another draft");
    }
}
