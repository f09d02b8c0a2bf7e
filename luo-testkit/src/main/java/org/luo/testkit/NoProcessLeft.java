// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves processes behind, and kills them. When the JVM is told to end in between, those that run
 * then are killed as well.
 *
 * <p>Whatever the tests start, and whatever that starts, has the variable {@value #MARK} of this JVM in its environment,
 * also if it is nobody's child any more. What was there before the first test does not count.
 */
public final class NoProcessLeft implements AfterAllCallback {
    /** The environment variable whose value is this test run's own. */
    public static final String MARK = "LUO_TEST_RUN";

    /** For those that are just ending. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int PAUSE_MILLIS = 20;
    private static final int LONGEST = 500;

    private static final String MARKED;
    private static final Set<ProcessHandle> BEFORE;

    static {
        if (System.getenv(MARK) == null) {
            throw new IllegalStateException("whose processes are whose cannot be told: " + MARK + " is not set");
        }
        MARKED = MARK + "=" + System.getenv(MARK);
        BEFORE = Set.copyOf(marked());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> left().forEach(ProcessHandle::destroyForcibly)));
    }

    private final Duration patience;

    /** As {@code META-INF/services} makes it. */
    public NoProcessLeft() {
        this(PATIENCE);
    }

    NoProcessLeft(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Set<ProcessHandle> left = left();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(PAUSE_MILLIS);
            left = left();
        }
        List<String> named = left.stream().map(NoProcessLeft::name).toList();
        left.forEach(ProcessHandle::destroyForcibly);
        assertThat(named)
                .as("processes left behind by %s", context.getDisplayName())
                .isEmpty();
    }

    private static Set<ProcessHandle> left() {
        Set<ProcessHandle> left = new HashSet<>(marked());
        left.removeAll(BEFORE);
        return left;
    }

    private static Set<ProcessHandle> marked() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process ->
                        Stream.of(read(process, "environ").split("\0")).anyMatch(MARKED::equals))
                .collect(Collectors.toSet());
    }

    private static String name(ProcessHandle process) {
        String line = process.pid() + " "
                + read(process, "cmdline").replace('\0', ' ').strip();
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }

    /** Empty of a process that has ended, also if nobody has asked for its status, and of others' processes. */
    private static String read(ProcessHandle process, String file) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid(), file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
