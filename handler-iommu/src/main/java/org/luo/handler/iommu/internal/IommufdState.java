// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.luo.LuoException;
import org.luo.linux.Iommufd.Hardware;

/**
 * What is known of an iommufd. What is mapped where can't be asked.
 *
 * @param device the number of {@code /dev/iommu}
 * @param access O_RDONLY, O_WRONLY or O_RDWR
 * @param objects those that could be asked about, in order of their numbers
 */
record IommufdState(long device, int access, List<IommuObject> objects) {
    /** Most numbers that are asked about, and most objects. */
    static final int MOST_OBJECTS = 4096;

    /** The kernel gives out the lowest number that is free, but some objects can't be asked about. */
    private static final int GAP = 64;

    /** A kind of object. */
    enum Kind {
        /** An address space; detail: in how many ranges it can map. */
        IOAS,
        /** A device that is bound; detail: the type of its IOMMU. */
        DEVICE
    }

    /**
     * An object in an iommufd.
     *
     * @param kind what it is
     * @param number what it is called
     * @param detail depends on the kind
     * @param capabilities of a device's IOMMU, else 0
     */
    record IommuObject(Kind kind, int number, int detail, long capabilities) {}

    IommufdState {
        objects = List.copyOf(objects);
    }

    /** The objects that an iommufd has now. Two system calls for each number up to a gap. */
    static List<IommuObject> objects(IommufdCalls calls, int fd) throws LuoException {
        List<IommuObject> objects = new ArrayList<>();
        for (int number = 1, last = 0; number <= MOST_OBJECTS && number - last <= GAP; number++) {
            Optional<IommuObject> object = object(calls, fd, number);
            if (object.isPresent()) {
                objects.add(object.get());
                last = number;
            }
        }
        return objects;
    }

    private static Optional<IommuObject> object(IommufdCalls calls, int fd, int number) throws LuoException {
        OptionalInt ranges = calls.ranges(fd, number);
        if (ranges.isPresent()) {
            return Optional.of(new IommuObject(Kind.IOAS, number, ranges.getAsInt(), 0));
        }
        Optional<Hardware> hardware = calls.hardware(fd, number);
        return hardware.map(of -> new IommuObject(Kind.DEVICE, number, of.type(), of.capabilities()));
    }

    /** Whether one of the objects is still there, or there were none: whoever uses it may have destroyed some. */
    boolean isSeenIn(IommufdCalls calls, int fd) throws LuoException {
        for (IommuObject object : objects) {
            Optional<IommuObject> found = object(calls, fd, object.number);
            if (found.filter(now -> now.kind == object.kind).isPresent()) {
                return true;
            }
        }
        return objects.isEmpty();
    }
}
