// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.List;

/**
 * What can be seen of a file handler.
 *
 * @param compatible the format it writes
 * @param reads older formats it reads too
 * @param flbs the FLBs its files need, in registration order
 * @param bundle symbolic name and id of the bundle it came from, such as {@code org.luo.handler.memfd [7]}
 * @param files how many files it keeps
 * @param status whether it can be used
 */
public record HandlerInfo(
        Compatible compatible,
        List<Compatible> reads,
        List<Compatible> flbs,
        String bundle,
        int files,
        PluginStatus status) {}
