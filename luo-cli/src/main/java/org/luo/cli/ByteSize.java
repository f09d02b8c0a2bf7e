// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes: {@code 4096}, {@code 64K}, {@code 256M}, {@code 1G}, {@code 256MiB}; factors of 1024. */
final class ByteSize implements ITypeConverter<Long> {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,18})([KMGT]?)(i?B)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";

    @Override
    public Long convert(String text) {
        Matcher shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            throw new TypeConversionException("'" + text + "' is no size; give bytes such as 4096, 64K, 256M or 1G");
        }
        String unit = shape.group(2).toUpperCase(Locale.ROOT);
        long factor = unit.isEmpty() ? 1 : 1L << 10 * (UNITS.indexOf(unit) + 1);
        try {
            return Math.multiplyExact(Long.parseLong(shape.group(1)), factor);
        } catch (ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is more than 8 EiB");
        }
    }

    /** For people: {@code 256 MiB}, or bytes where no unit divides them. */
    static String format(long bytes) {
        for (int unit = UNITS.length(); unit > 0; unit--) {
            long factor = 1L << 10 * unit;
            if (bytes >= factor && bytes % factor == 0) {
                return bytes / factor + " " + UNITS.charAt(unit - 1) + "iB";
            }
        }
        return Amount.of(bytes, "byte");
    }
}
