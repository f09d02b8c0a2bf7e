// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.List;
import org.luo.Compatible;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.Verdict;

/**
 * A file that would go over, for a handover that may not be able to take it.
 *
 * @param name what it is called
 * @param compatible the format of its state
 * @param files the open files of its state, borrowed from the list
 * @param acrossKernel what its handler says of a kexec
 * @see PassengerList#passengers()
 */
public record Passenger(FileName name, Compatible compatible, List<OpenFile> files, Verdict acrossKernel) {
    /** The list is copied. */
    public Passenger {
        files = List.copyOf(files);
    }
}
