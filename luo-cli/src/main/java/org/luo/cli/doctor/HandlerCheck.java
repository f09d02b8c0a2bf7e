// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.Optional;

/** Whether the platform that runs has the handler for a kind of file that the machine has. */
final class HandlerCheck {
    private HandlerCheck() {}

    /**
     * The finding as it is, or that the platform has no handler for it.
     *
     * @param prefix how the formats of the handler begin
     * @param bundle which one has it
     */
    static Finding with(Finding finding, Optional<RunningPlatform> platform, String prefix, String bundle) {
        if (finding.status() != Finding.Status.OK
                || platform.isEmpty()
                || platform.get().keeps(prefix)) {
            return finding;
        }
        return Finding.no(
                finding.area(),
                finding.what(),
                finding.found() + "; the platform has no handler for it",
                "start " + bundle + " in it: luo bundles, luo handlers");
    }
}
