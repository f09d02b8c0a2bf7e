// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text in aligned columns: words to the left, numbers to the right, two spaces between. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] numeric;

    /** A table with these headings; one that begins with {@code #} marks a column of numbers. */
    Table(String... headings) {
        numeric = new boolean[headings.length];
        String[] first = new String[headings.length];
        for (int column = 0; column < headings.length; column++) {
            numeric[column] = headings[column].startsWith("#");
            first[column] = numeric[column] ? headings[column].substring(1) : headings[column];
        }
        rows.add(first);
    }

    /** Adds a row of as many cells as there are headings. */
    Table row(Object... cells) {
        if (cells.length != numeric.length) {
            throw new IllegalArgumentException(cells.length + " cells in a row of " + numeric.length);
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).map(Table::printable).toArray(String[]::new));
        return this;
    }

    /** Text from elsewhere, without what a terminal might act upon. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** The lines, without a final line break; no line ends in spaces. */
    @Override
    public String toString() {
        int[] widths = new int[numeric.length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        return String.join("\n", rows.stream().map(row -> line(row, widths)).toList());
    }

    private String line(String[] row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.length; column++) {
            String padding = " ".repeat(widths[column] - row[column].length());
            line.append(column == 0 ? "" : "  ");
            line.append(numeric[column] ? padding + row[column] : row[column] + padding);
        }
        return line.toString().stripTrailing();
    }
}
