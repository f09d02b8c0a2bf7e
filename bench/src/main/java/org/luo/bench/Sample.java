// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Figures of several runs.
 *
 * @param sorted the figures, smallest first
 */
record Sample(double[] sorted) {
    static Sample of(List<Double> figures) {
        return new Sample(
                figures.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    boolean isEmpty() {
        return sorted.length == 0;
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double least() {
        return sorted[0];
    }

    double most() {
        return sorted[sorted.length - 1];
    }

    /** {@code median (least–most)}. */
    @Override
    public String toString() {
        return isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median(), least(), most());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sample that && Arrays.equals(sorted, that.sorted);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sorted);
    }
}
