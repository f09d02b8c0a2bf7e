// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.luo.Compatible;

/** Names what a successor cannot read, for an error message of bearable length. */
final class Unreadable {
    private static final int MOST_NAMES = 8;

    private Unreadable() {}

    /** Such as {@code memfd-v2 (vm1/0x1, vm1/0x2)}. */
    static String describe(Map<Compatible, List<String>> files) {
        return files.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + names(entry.getValue()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String names(List<String> names) {
        String some = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
        int others = names.size() - MOST_NAMES;
        return others > 0 ? some + " and " + others + " others" : some;
    }
}
