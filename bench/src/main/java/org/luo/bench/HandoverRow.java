// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.luo.Amount;

/** What was measured with one number of files of one kind. */
final class HandoverRow {
    private final HandoverBench.Kind kind;
    private final int files;
    private final List<Double> blackouts = new ArrayList<>();
    private final List<Double> floors = new ArrayList<>();
    private final Map<String, List<Double>> phases = new LinkedHashMap<>();
    private long imageBytes;

    HandoverRow(HandoverBench.Kind kind, int files) {
        this.kind = kind;
        this.files = files;
    }

    /** Adds a live update's report. */
    void add(Map<String, Object> report) {
        blackouts.add(number(report, "blackout_ms"));
        imageBytes = (long) number(report, "image_bytes");
        if (report.get("phases") instanceof List<?> list) {
            for (Object element : list) {
                if (element instanceof Map<?, ?> phase && phase.get("ms") instanceof Number ms) {
                    phases.computeIfAbsent(String.valueOf(phase.get("name")), n -> new ArrayList<>())
                            .add(ms.doubleValue());
                }
            }
        }
    }

    void addFloor(List<Double> figures) {
        floors.addAll(figures);
    }

    HandoverBench.Kind kind() {
        return kind;
    }

    int files() {
        return files;
    }

    long imageBytes() {
        return imageBytes;
    }

    Sample blackout() {
        return Sample.of(blackouts);
    }

    Sample floor() {
        return Sample.of(floors);
    }

    String ratioText() {
        return floors.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", ratio());
    }

    private double ratio() {
        return blackout().median() / floor().median();
    }

    /** In words: how much longer this blackout is than that of as many files of another kind. */
    String comparison(HandoverRow other) {
        return String.format(
                Locale.ROOT,
                "%s: the blackout with %s is %.2f times that with %s",
                Amount.of(files, "file"),
                kind,
                blackout().median() / other.blackout().median(),
                other.kind);
    }

    /** One element of {@code rows}. */
    Map<String, Object> json() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("files", files);
        row.put("kind", kind.toString());
        row.put("blackout_ms", blackout().median());
        row.put("blackout_ms_all", blackouts);
        row.put("image_bytes", imageBytes);
        if (!floors.isEmpty()) {
            row.put("c_ms", floor().median());
            row.put("c_ms_all", floors);
            row.put("ratio", ratio());
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        phases.forEach((name, figures) -> medians.put(name, Sample.of(figures).median()));
        row.put("phases_ms", medians);
        return row;
    }

    private static double number(Map<String, Object> report, String key) {
        return report.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
