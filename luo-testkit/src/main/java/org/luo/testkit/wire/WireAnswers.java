// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device has answered, in the order in which it was asked.
 *
 * @param byName {@code "1 exclusive.second"} to {@code "EBUSY"}: the stage, the case and its step, and the symbol
 */
public record WireAnswers(Map<String, String> byName) {
    /** A copy that can't be changed. */
    public WireAnswers {
        byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /**
     * Reads what the suite has written; lines that begin with {@code #} are remarks.
     *
     * @throws IOException if it can't be read, or a line is no answer, or answers the same once more
     */
    public static WireAnswers read(Path file) throws IOException {
        Map<String, String> answers = new LinkedHashMap<>();
        // Latin 1 never fails: an answer may show bytes that are no UTF-8.
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            int end = line.indexOf(": ");
            if (line.startsWith("#")) {
                continue;
            }
            if (end < 0 || answers.put(line.substring(0, end), line.substring(end + 2)) != null) {
                throw new IOException(file + ": no answer, or a second one: " + line);
            }
        }
        return new WireAnswers(answers);
    }

    /** The answers of the other that are not the same here, or are missing here, as {@code "EBUSY, not 0"}. */
    public Map<String, String> differencesFrom(WireAnswers other) {
        Map<String, String> differences = new LinkedHashMap<>();
        other.byName.forEach((name, answer) -> {
            String here = byName.getOrDefault(name, "not asked");
            if (!here.equals(answer)) {
                differences.put(name, here + ", not " + answer);
            }
        });
        return differences;
    }
}
