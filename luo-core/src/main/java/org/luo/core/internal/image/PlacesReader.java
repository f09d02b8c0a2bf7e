// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.luo.core.internal.image.ImageBytes.check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Delta.ChangedFile;
import org.luo.core.internal.image.Delta.Place;

/**
 * Reads the places of a delta: each names a session of the draft, none twice, or the next one of the news, all of them;
 * no two have the same name.
 */
final class PlacesReader {
    private final ImageReader image;
    private final ImageBytes in;
    private final List<SessionRecord> draft;
    private final List<SessionRecord> news;
    private final BitSet kept = new BitSet();
    private final Set<SessionName> names = new HashSet<>();
    private int nextNew;

    PlacesReader(ImageReader image, ImageBytes in, Contents draft, Contents news) {
        this.image = image;
        this.in = in;
        this.draft = draft.sessions();
        this.news = news.sessions();
    }

    List<Place> places() throws LuoException {
        List<Place> places = new ArrayList<>();
        for (long block = in.u64(Layout.H_PLACES), end; block != 0; block = image.next(block, end)) {
            int count = image.block(block, Layout.PLACE, Layout.PLACES_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.PLACE;
            for (int i = 0; i < count; i++) {
                places.add(place(block + Layout.BLOCK + (long) i * Layout.PLACE));
            }
        }
        check(
                nextNew == news.size(),
                Layout.H_PLACES,
                "places",
                "do not name all new sessions, which are",
                news.size());
        return places;
    }

    private Place place(long at) throws LuoException {
        int index = in.u32(at);
        if (index == Delta.NEW) {
            check(nextNew < news.size(), at, "place", "of a new session, of which there are", news.size());
            check(names.add(news.get(nextNew++).name()), at, "second session of the same name");
            check(in.u32(at + Layout.P_COUNT) == 0, at + Layout.P_COUNT, "changed files of a new session");
            return Place.OF_NEW;
        }
        check(index >= 0 && index < draft.size(), at, "place", "not in the draft, whose sessions are", draft.size());
        check(!kept.get(index), at, "place", "of a session that has one already, with index", index);
        kept.set(index);
        check(names.add(draft.get(index).name()), at, "second session of the same name");
        return new Place(index, changed(at, draft.get(index)));
    }

    private List<ChangedFile> changed(long place, SessionRecord session) throws LuoException {
        List<ChangedFile> changed = new ArrayList<>();
        int last = -1;
        for (long block = in.u64(place + Layout.P_CHANGED), end; block != 0; block = image.next(block, end)) {
            int count = image.block(block, Layout.CHANGED, Layout.PLACES_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.CHANGED;
            for (int i = 0; i < count; i++) {
                ChangedFile file = file(block + Layout.BLOCK + (long) i * Layout.CHANGED, session, last);
                changed.add(file);
                last = file.index();
            }
        }
        int counted = in.u32(place + Layout.P_COUNT);
        check(counted == changed.size(), place + Layout.P_COUNT, "changed files", "are not as many as", changed.size());
        return changed;
    }

    private ChangedFile file(long at, SessionRecord session, int last) throws LuoException {
        int index = in.u32(at);
        int files = session.files().size();
        check(index > last && index < files, at, "changed file", "out of order or not among the", files);
        int flags = in.u32(at + Layout.C_FLAGS);
        check((flags & ~Layout.SAME_FILES) == 0, at + Layout.C_FLAGS, "changed file", "with unknown flags", flags);
        boolean same = flags == Layout.SAME_FILES;
        Carried carried = image.data(at, Layout.C_DATA);
        check(
                !same || carried.files().isEmpty(),
                at + Layout.C_FLAGS,
                "changed file with both the same fds and others");
        return new ChangedFile(index, carried, same);
    }
}
