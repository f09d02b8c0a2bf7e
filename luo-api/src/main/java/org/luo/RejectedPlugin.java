// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * A plug-in that is registered as a service and not taken, and why.
 *
 * @param kind {@code file handler}, {@code FLB} or {@code subsystem}
 * @param compatible the format it writes; empty if that can't be had
 * @param bundle symbolic name and id of the bundle it came from
 * @param reason for people; printable, and bounded
 */
public record RejectedPlugin(String kind, String compatible, String bundle, String reason) {}
