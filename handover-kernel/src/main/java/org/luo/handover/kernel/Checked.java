// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.List;
import java.util.Optional;

/**
 * What a check has found.
 *
 * @param files what was said of each; empty if it did not come to that
 * @param memory whether there is enough; empty if it did not come to that
 */
record Checked(List<Boarding.Answer> files, Optional<Finding> memory) {
    static final Checked NOTHING = new Checked(List.of(), Optional.empty());
}
