// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * What can be seen of a file-lifecycle-bound object.
 *
 * @param compatible the format of its state
 * @param bundle symbolic name and id of the bundle it came from
 * @param outgoing files and references that hold the outgoing object
 * @param incoming files and references that hold the incoming object
 * @param status whether it can be used
 */
public record FlbInfo(Compatible compatible, String bundle, long outgoing, long incoming, PluginStatus status) {}
