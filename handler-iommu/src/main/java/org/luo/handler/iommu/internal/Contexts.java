// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.luo.LuoException;
import org.luo.spi.FileIdentity;

/**
 * Numbers iommufds: they all have the inode of {@code /dev/iommu}, so that does not tell them apart, and the kernel says
 * only of two at a time whether they are the same.
 *
 * <p>An iommufd has its number as long as it is kept, preserved or retrieved, and its fd is open for so long. Of those
 * that were only asked about the latest are remembered, so that asking again gives the same answer. Their fds may have
 * been closed since, and show another file now; that one then gets a number that nobody uses. Thread-safe.
 */
final class Contexts {
    /** Another name space than that of device numbers, which have 32 bits. */
    private static final long DEVICE = 0x696f_6d6d_7566_6400L; // iommufd

    private static final int MOST_ASKED = 16;

    private record Numbered(int fd, long number) {}

    private final IommufdCalls calls;
    private final List<Numbered> kept = new ArrayList<>();
    private final Deque<Numbered> asked = new ArrayDeque<>();
    private long latest;

    Contexts(IommufdCalls calls) {
        this.calls = calls;
    }

    /** @throws LuoException EBADF · whatever the kernel says if it is no iommufd */
    synchronized FileIdentity identity(int fd) throws LuoException {
        return identity(number(fd));
    }

    /** From now on the fd stays open, until {@link #drop}. */
    synchronized void keep(int fd) throws LuoException {
        long number = number(fd);
        asked.removeIf(each -> each.number == number);
        kept.add(new Numbered(fd, number));
    }

    synchronized void drop(int fd) {
        kept.removeIf(each -> each.fd == fd);
    }

    /** Whether none is kept. */
    synchronized boolean isEmpty() {
        return kept.isEmpty();
    }

    synchronized boolean has(FileIdentity identity) {
        return kept.stream().anyMatch(each -> identity(each.number).equals(identity));
    }

    /** The one of those kept that a device is bound to. */
    synchronized Optional<FileIdentity> boundTo(int device) throws LuoException {
        for (Numbered each : kept) {
            if (calls.isBoundTo(device, each.fd)) {
                return Optional.of(identity(each.number));
            }
        }
        return Optional.empty();
    }

    private static FileIdentity identity(long number) {
        return new FileIdentity(DEVICE, number);
    }

    private long number(int fd) throws LuoException {
        for (Numbered each : kept) {
            if (calls.isSame(fd, each.fd)) {
                return each.number;
            }
        }
        for (Iterator<Numbered> all = asked.iterator(); all.hasNext(); ) {
            Numbered each = all.next();
            if (!isOpen(each)) {
                all.remove();
            } else if (calls.isSame(fd, each.fd)) {
                return each.number;
            }
        }
        calls.ranges(fd, 0); // fails if it is none
        if (asked.size() == MOST_ASKED) {
            asked.remove();
        }
        asked.add(new Numbered(fd, ++latest));
        return latest;
    }

    /** Whether the fd shows an iommufd still, perhaps another one. */
    private boolean isOpen(Numbered each) {
        try {
            calls.ranges(each.fd, 0);
            return true;
        } catch (LuoException e) {
            return false;
        }
    }
}
