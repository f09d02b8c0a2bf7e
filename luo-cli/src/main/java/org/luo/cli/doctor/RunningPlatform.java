// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.List;

/**
 * What a platform says of itself.
 *
 * @param pid of the process that serves
 * @param handlers the formats of the file handlers it has, those that can be used
 * @param enforced whether its framework enforces pins
 * @param inactive the bundles that do not run though they should
 */
public record RunningPlatform(long pid, List<String> handlers, boolean enforced, String inactive) {
    /** Whether some handler writes a format that begins so. */
    boolean keeps(String prefix) {
        return handlers.stream().anyMatch(format -> format.startsWith(prefix));
    }
}
