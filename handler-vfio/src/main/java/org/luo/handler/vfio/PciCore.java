// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Sysfs;

/**
 * The machine's PCI functions, from the leaves to the root.
 *
 * @param devices those that are deeper first, and else in order of their addresses
 */
record PciCore(List<PciDevice> devices) {
    /** Bytes of the configuration space's header. */
    static final int HEADER = 64;

    private static final int HEADER_TYPE = 0x0e;

    /**
     * A PCI function.
     *
     * @param address where it is
     * @param parent the bridge it is behind, if that is not the root
     * @param depth how many bridges it is behind
     * @param header the beginning of its configuration space
     */
    record PciDevice(PciAddress address, Optional<PciAddress> parent, int depth, List<Byte> header) {
        /** The bytes that say what it is and where it is mapped; the others change by themselves. */
        private boolean isLike(PciDevice now) {
            boolean bridge = (header.get(HEADER_TYPE) & 0x7f) == 1;
            for (int at = 0; at < HEADER; at++) {
                if (isStable(at, bridge) && !header.get(at).equals(now.header.get(at))) {
                    return false;
                }
            }
            return parent.equals(now.parent);
        }

        private static boolean isStable(int at, boolean bridge) {
            boolean both = at < 0x04 || at >= 0x08 && at < 0x0c || at == HEADER_TYPE;
            boolean buses = at >= 0x18 && at < 0x1b;
            boolean mapped = at >= 0x10 && at < 0x28 || at >= 0x2c && at < 0x30;
            return both || (bridge ? buses : mapped);
        }
    }

    PciCore {
        devices = List.copyOf(devices);
    }

    /**
     * As sysfs says it now.
     *
     * @throws LuoException EBADMSG if it is garbled · EIO
     */
    static PciCore read(Sysfs sysfs) throws LuoException {
        List<PciDevice> devices = new ArrayList<>();
        Path links = sysfs.root().resolve("bus/pci/devices");
        for (String name : sysfs.names(links, PciAddress.FORM)) {
            Path path = resolved(links.resolve(name));
            List<PciAddress> above = above(path);
            Optional<byte[]> header = sysfs.bytes(path.resolve("config"), HEADER);
            if (header.isEmpty() || header.get().length < HEADER) {
                throw LuoException.of(Errno.EBADMSG, "PCI device " + name + " shows no configuration space");
            }
            Optional<PciAddress> parent = above.isEmpty() ? Optional.empty() : Optional.of(above.getLast());
            devices.add(new PciDevice(PciAddress.of(name), parent, above.size(), bytes(header.get())));
        }
        return new PciCore(sorted(devices));
    }

    static List<Byte> bytes(byte[] header) {
        List<Byte> bytes = new ArrayList<>(header.length);
        for (byte each : header) {
            bytes.add(each);
        }
        return List.copyOf(bytes);
    }

    static String hex(List<Byte> header) {
        byte[] bytes = new byte[header.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = header.get(i);
        }
        return HexFormat.of().formatHex(bytes);
    }

    static List<PciDevice> sorted(List<PciDevice> devices) {
        return devices.stream()
                .sorted(Comparator.comparingInt(PciDevice::depth)
                        .reversed()
                        .thenComparing(device -> device.address().toString()))
                .toList();
    }

    private static Path resolved(Path link) throws LuoException {
        try {
            return link.toRealPath();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "follow the link " + link, e);
        }
    }

    /** The bridges on the way to a device, the one at the root first. */
    private static List<PciAddress> above(Path path) throws LuoException {
        List<PciAddress> above = new ArrayList<>();
        for (Path name : path.getParent()) {
            if (name.toString().matches(PciAddress.FORM)) {
                above.add(PciAddress.of(name.toString()));
            }
        }
        return above;
    }

    /** Devices that are not what they were. One that has gone is missed by whoever has it open. */
    List<String> differences(PciCore now) {
        Map<PciAddress, PciDevice> found =
                now.devices.stream().collect(Collectors.toMap(PciDevice::address, Function.identity()));
        return devices.stream()
                .filter(device -> found.containsKey(device.address()))
                .filter(device -> !device.isLike(found.get(device.address())))
                .map(device -> "PCI device " + device.address() + " is another one, or is mapped elsewhere")
                .toList();
    }
}
