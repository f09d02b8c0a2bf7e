// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.vfio.PciCore.PciDevice;

/**
 * The layout {@code pci-core-v1}: lines of words in ASCII. First how many devices there are; then each with its address,
 * the bridge it is behind or {@code -}, and the 64 bytes of its header in hexadecimal. Leaves come before the root.
 *
 * <pre>
 * devices 2
 * 0000:01:00.0 0000:00:04.0 3412e8110300…
 * 0000:00:04.0 - 36120c000304…
 * </pre>
 */
final class PciCoreCodec {
    private static final String LINE =
            PciAddress.FORM + " (-|" + PciAddress.FORM + ") [0-9a-f]{" + 2 * PciCore.HEADER + "}";

    private PciCoreCodec() {}

    static byte[] encode(PciCore core) {
        StringBuilder text =
                new StringBuilder("devices ").append(core.devices().size()).append('\n');
        for (PciDevice device : core.devices()) {
            text.append(device.address()).append(' ');
            text.append(device.parent().map(PciAddress::toString).orElse("-")).append(' ');
            text.append(PciCore.hex(device.header())).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the line that is wrong
     */
    static PciCore decode(byte[] bytes) throws LuoException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> lines = text.lines().skip(1).toList();
        Map<PciAddress, Integer> depths = new HashMap<>();
        List<PciDevice> devices = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0; i--) { // the root first: every bridge is known before what is behind it
            if (!lines.get(i).matches(LINE)) {
                throw malformed("line " + (i + 2));
            }
            String[] words = lines.get(i).split(" ");
            PciAddress address = PciAddress.of(words[0]);
            Optional<PciAddress> parent =
                    words[1].equals("-") ? Optional.empty() : Optional.of(PciAddress.of(words[1]));
            int depth = parent.isEmpty() ? 0 : depths.getOrDefault(parent.get(), -1) + 1;
            if (parent.isPresent() && depth == 0 || depths.put(address, depth) != null) {
                throw malformed("line " + (i + 2) + ", " + address + " is there twice, or its bridge comes before it");
            }
            devices.add(new PciDevice(
                    address, parent, depth, PciCore.bytes(HexFormat.of().parseHex(words[2]))));
        }
        PciCore core = new PciCore(PciCore.sorted(devices));
        if (!new String(encode(core), StandardCharsets.US_ASCII).equals(text)) {
            throw malformed("cut, or out of order");
        }
        return core;
    }

    private static LuoException malformed(String how) {
        return LuoException.of(Errno.EBADMSG, "pci-core state is malformed: " + how);
    }
}
