// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.util.List;
import org.luo.core.internal.Carried;

/**
 * What an image says that counts on a draft: what is new is written out, what is as in the draft is only named.
 *
 * @param draft checksum of the draft
 * @param news sessions that are not as in the draft, and all FLBs and doors
 * @param places every session, in order of creation
 */
public record Delta(int draft, Contents news, List<Place> places) {
    /** Index of a session that is not in the draft: it is the next one of the news. */
    public static final int NEW = -1;

    /**
     * Where a session is to be found.
     *
     * @param draft its index in the draft, or {@link #NEW}
     * @param changed its files with another state than in the draft, in order; none if it is new
     */
    public record Place(int draft, List<ChangedFile> changed) {
        /** A session that is among the news. */
        public static final Place OF_NEW = new Place(NEW, List.of());
    }

    /**
     * A file whose state has changed.
     *
     * @param index its index in the session
     * @param carried its state; if it has the draft's files, the reader finds none here
     * @param sameFiles whether its files are those in the draft
     */
    public record ChangedFile(int index, Carried carried, boolean sameFiles) {}

    /** How many sessions there are. */
    public int sessions() {
        return places.size();
    }
}
