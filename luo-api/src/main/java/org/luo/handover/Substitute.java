// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import org.luo.Compatible;

/**
 * What goes over in the place of a file that is left behind: a state without files, in a format that the successor
 * reads.
 *
 * @param compatible the format
 * @param data the bytes; not copied, not to be changed afterwards
 * @see OutgoingSide#freezeForKernel
 */
public record Substitute(Compatible compatible, byte[] data) {}
