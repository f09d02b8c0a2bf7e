// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * What one handler says about a file.
 *
 * @param compatible the handler's format
 * @param bundle symbolic name and id of the handler's bundle
 * @param takes whether it would keep the file
 * @param reason why not; empty if it would
 */
public record HandlerVerdict(Compatible compatible, String bundle, boolean takes, String reason) {}
