// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;

/** Lists names in a message, bounded. */
final class Names {
    private static final int MOST = 8;

    private Names() {}

    static String of(List<String> names) {
        String listed = String.join(", ", names.subList(0, Math.min(MOST, names.size())));
        return names.size() > MOST ? listed + " and " + (names.size() - MOST) + " more" : listed;
    }
}
