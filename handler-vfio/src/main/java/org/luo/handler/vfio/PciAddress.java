// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * Where a PCI function is, printed as {@code 0000:01:00.0}.
 *
 * @param domain up to 32 bits
 * @param bus 8 bits
 * @param device 5 bits
 * @param function 3 bits
 */
record PciAddress(int domain, int bus, int device, int function) {
    /** How sysfs writes it. */
    static final String FORM = "[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]";

    private static final Pattern PATTERN = Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\\.([0-7])");

    /** @throws LuoException EBADMSG if it is none */
    static PciAddress of(String text) throws LuoException {
        Matcher matcher = PATTERN.matcher(text);
        if (!matcher.matches()) {
            throw LuoException.of(Errno.EBADMSG, "not a PCI address");
        }
        return new PciAddress(
                Integer.parseUnsignedInt(matcher.group(1), 16),
                Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3), 16),
                Integer.parseInt(matcher.group(4), 16));
    }

    static PciAddress of(int domain, int packed) {
        return new PciAddress(domain, packed >> 8 & 0xff, packed >> 3 & 0x1f, packed & 7);
    }

    /** Bus, device and function as PCI packs them. */
    int packed() {
        return bus << 8 | device << 3 | function;
    }

    @Override
    public String toString() {
        return String.format("%04x:%02x:%02x.%x", domain, bus, device, function);
    }
}
