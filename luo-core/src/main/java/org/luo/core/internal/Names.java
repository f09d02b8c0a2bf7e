// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;

/** Names and texts of others in messages, bounded. */
final class Names {
    private static final int MOST = 8;
    private static final int LONGEST = 400;

    private Names() {}

    /** What a plug-in has written, on one line. */
    static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
    }

    static String of(List<String> names) {
        String listed = String.join(", ", names.subList(0, Math.min(MOST, names.size())));
        return names.size() > MOST ? listed + " and " + (names.size() - MOST) + " more" : listed;
    }
}
