// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.List;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.linux.Stat;

/**
 * The holes of the files that are to go. The kernel fills every hole of a file that it is given; when it has no memory left
 * for that, others have none either.
 *
 * @param bytes of all files together; those of huge files may be more than a long holds, then as many as it does
 */
record Holes(long bytes) {
    private static final String MEMORY = "memory";

    /** @throws LuoException EBADF */
    static Holes of(List<OpenFile> files) throws LuoException {
        long holes = 0;
        for (OpenFile file : files) {
            long sum = holes + Stat.holes(file.fd());
            holes = sum < 0 ? Long.MAX_VALUE : sum;
        }
        return new Holes(holes);
    }

    /** Whether there is memory to fill them: ENOMEM if not. */
    Finding finding(Machine machine) {
        if (bytes == 0) {
            return Finding.ok(MEMORY, "the files have no holes, which the kernel would fill");
        }
        String filled = "the kernel would allocate " + bytes + " bytes for holes in the files, and ";
        Optional<Long> available = machine.availableBytes();
        if (available.isEmpty()) {
            return Finding.unknown(MEMORY, filled + "how many are available is not known");
        }
        String text = filled + available.get() + " are available";
        return bytes > available.get()
                ? Finding.missing(MEMORY, Errno.ENOMEM, text + "; free some, or leave files behind")
                : Finding.ok(MEMORY, text);
    }
}
