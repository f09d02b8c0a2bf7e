// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The layout {@code iommu-core-v1}: lines of words in ASCII; first how many there are of each kind, then the units, then
 * the groups, each in order. An attribute that sysfs does not have is not there either.
 *
 * <pre>
 * units 1 groups 2
 * unit dmar0 address=fed90000 cap=d2008c22260286 ecap=f00f4a version=1:0
 * group 0 0000:00:00.0
 * group 1 0000:00:03.0
 * </pre>
 */
final class IommuCoreCodec {
    private IommuCoreCodec() {}

    static byte[] encode(IommuCore core) {
        StringBuilder text = new StringBuilder();
        text.append("units ").append(core.units().size());
        text.append(" groups ").append(core.groups().size()).append('\n');
        core.units().forEach((name, attributes) -> line(text, "unit", name, attributes));
        core.groups().forEach((number, devices) -> line(text, "group", number.toString(), devices));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void line(StringBuilder text, String kind, String name, List<String> words) {
        StringJoiner line = new StringJoiner(" ", "", "\n").add(kind).add(name);
        words.forEach(line::add);
        text.append(line);
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the line that is wrong
     */
    static IommuCore decode(byte[] bytes) throws LuoException {
        SortedMap<String, List<String>> units = new TreeMap<>();
        SortedMap<Integer, List<String>> groups = new TreeMap<>();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            List<String> words = List.of(line.split(" "));
            List<String> rest = words.subList(Math.min(2, words.size()), words.size());
            if (isLine(words, "unit", IommuCore.NAME, "[a-z]+=" + IommuCore.VALUE)) {
                units.put(words.get(1), rest);
            } else if (isLine(words, "group", "\\d{1,9}", IommuCore.NAME)) {
                groups.put(Integer.valueOf(words.get(1)), rest);
            } else if (number > 1) {
                throw malformed("line " + number);
            }
        }
        IommuCore core = new IommuCore(units, groups);
        if (!new String(encode(core), StandardCharsets.US_ASCII).equals(text)) {
            throw malformed("cut, out of order, or something is in it twice");
        }
        return core;
    }

    private static boolean isLine(List<String> words, String kind, String name, String others) {
        return words.size() >= 2
                && words.get(0).equals(kind)
                && words.get(1).matches(name)
                && words.stream().skip(2).allMatch(word -> word.matches(others));
    }

    private static LuoException malformed(String how) {
        return LuoException.of(Errno.EBADMSG, "iommu-core state is malformed: " + how);
    }
}
