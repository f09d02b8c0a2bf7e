// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.itests.generations.Generations;

/** As many sessions and files as the kernel's own stress tests have, and more, through the preload library. */
@Timeout(300)
class ScaleIT {
    private static final int MANY = 10_000;
    private static final long MANY_KILOBYTES = 250_000;
    private static final int CHURN = 100_000;
    private static final int WARM_UP = 5_000;
    private static final long GROWTH_BYTES = 1 << 20;
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    @TempDir
    private Path directory;

    private Path program;

    @BeforeEach
    void compile() throws Exception {
        program = Program.compile("scale", directory);
    }

    @Test
    void tenThousandSessionsTakeLittleMemory() throws Exception {
        try (Generations platform = Generations.start();
                Program many = Program.start(platform, program, "many", MANY)) {
            many.says("ready");
            assertThat(platform.status()).containsEntry("sessions", (long) MANY);
            assertThat((Long) platform.status().get("rss_kb")).isLessThan(MANY_KILOBYTES);
            many.goOn();
        }
    }

    @Test
    void manySessionsAndManyFilesComeOver() throws Exception {
        try (Generations platform = Generations.start();
                Program before = Program.start(platform, program, "before")) {
            before.says("ready");
            assertThat(platform.update()).containsEntry("sessions", 2004L).containsEntry("files", 2000L);
            before.goOn();
            try (Program after = Program.start(platform, program, "after")) {
                after.endsWell();
            }
            assertThat(platform.status()).containsEntry("sessions", 0L).containsEntry("files", 0L);
        }
    }

    @Test
    void sessionsThatComeAndGoLeaveNothingBehind() throws Exception {
        try (Generations platform = Generations.start()) {
            churn(platform, WARM_UP);
            long heap = heap(platform.pid()); // first: the JVM opens a socket to be asked at
            long fds = fds(platform.pid());
            churn(platform, CHURN);
            awaitFds(platform.pid(), fds);
            assertThat(heap(platform.pid())).isLessThan(heap + GROWTH_BYTES);
        }
    }

    /** The last close is seen a moment later than close(2) returns: whoever asks for the sessions knows it by then. */
    private void churn(Generations platform, int count) throws Exception {
        try (Program churn = Program.start(platform, program, "churn", count)) {
            churn.endsWell();
        }
        for (int attempt = 0;
                attempt < 1000 && !platform.status().get("sessions").equals(0L);
                attempt++) {
            Thread.sleep(10);
        }
        assertThat(platform.status()).containsEntry("sessions", 0L);
    }

    /** The device that the last program had open is closed a moment after it has ended. */
    private static void awaitFds(long pid, long most) throws Exception {
        for (int attempt = 0; attempt < 1000 && fds(pid) > most; attempt++) {
            Thread.sleep(10);
        }
        assertThat(fds(pid)).isLessThanOrEqualTo(most);
    }

    private static long fds(long pid) throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return fds.count();
        }
    }

    /** Bytes in use after a full collection. */
    private static long heap(long pid) throws Exception {
        Process histogram = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String output = histogram.inputReader().readAllAsString();
        Matcher total = TOTAL.matcher(output);
        assertThat(total.find()).as(output).isTrue();
        return Long.parseLong(total.group(1));
    }
}
