// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a plug-in may leave behind beside fds: threads, and mappings of files that have no name. Those of the platform
 * itself and of the JVM do not count.
 *
 * @param threads the threads that live
 * @param mappings how often each file is mapped
 */
record Leftovers(Set<Thread> threads, Map<String, Long> mappings) {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String UNNAMED = ".*(/memfd:|/dev/|anon_inode:|\\(deleted\\)).*";
    private static final int PATH_COLUMN = 6;
    private static final int LOOKS = 20;
    private static final int PAUSE_MILLIS = 50;

    static Leftovers now() throws IOException {
        Set<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .filter(thread -> !thread.getName().startsWith("luo-"))
                .collect(Collectors.toSet());
        try (Stream<String> maps = Files.lines(MAPS)) {
            return new Leftovers(
                    threads,
                    maps.filter(line -> line.matches(UNNAMED))
                            .collect(Collectors.groupingBy(
                                    line -> line.split(" +", PATH_COLUMN)[PATH_COLUMN - 1],
                                    TreeMap::new,
                                    Collectors.counting())));
        }
    }

    /** Those threads that were not there before, in the order of their names. */
    private List<String> threadsSince(Leftovers before) {
        return threads.stream()
                .filter(thread -> !before.threads.contains(thread))
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    private Map<String, Long> mappingsSince(Leftovers before) {
        Map<String, Long> more = new TreeMap<>();
        mappings.forEach((file, times) -> {
            long added = times - before.mappings.getOrDefault(file, 0L);
            if (added > 0) {
                more.put(file, added);
            }
        });
        return more;
    }

    /** Fails if there are more now. Waits a second: a thread may just be ending, a mapping be the collector's to take. */
    void assertNoMore(String after) throws IOException, InterruptedException {
        Leftovers now = now();
        for (int i = 0;
                i < LOOKS
                        && !(now.threadsSince(this).isEmpty()
                                && now.mappingsSince(this).isEmpty());
                i++) {
            System.gc();
            Thread.sleep(PAUSE_MILLIS);
            now = now();
        }
        assertThat(now.threadsSince(this)).as("threads left after %s", after).isEmpty();
        assertThat(now.mappingsSince(this)).as("mappings left after %s", after).isEmpty();
    }
}
