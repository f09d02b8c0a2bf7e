// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What the platform itself needs: Java, file descriptors, memory, and what helps programs to it. */
final class PlatformChecks {
    private static final String AREA = "platform";
    private static final int JAVA = 25;
    private static final long MANY_FILES = 10_000;

    /** What the JVM and the handover need besides. */
    private static final long OTHER_FDS = 256;

    /** Heap and all, of a successor beside its predecessor, in kB. */
    private static final long SUCCESSOR = 400_000;

    private final Machine machine;
    private final Path home;
    private final Optional<RunningPlatform> platform;

    PlatformChecks(Machine machine, Path home, Optional<RunningPlatform> platform) {
        this.machine = machine;
        this.home = home;
        this.platform = platform;
    }

    List<Finding> findings() {
        return Stream.of(running(), java(), fds(), memory(), preload(), ptrace())
                .toList();
    }

    private Finding running() {
        if (platform.isEmpty()) {
            return Finding.ok(AREA, "running", "no; what a platform would find is shown");
        }
        RunningPlatform running = platform.get();
        String process = "process " + running.pid();
        if (!running.inactive().isEmpty()) {
            return Finding.fault(
                    AREA,
                    "running",
                    process + ", without " + running.inactive(),
                    "see its log for why they do not start; luo bundles");
        }
        return running.enforced()
                ? Finding.ok(AREA, "running", process + ", pins enforced")
                : Finding.no(
                        AREA,
                        "running",
                        process + ", pins are advisory: a bundle can be stopped while it keeps files",
                        "start it with luo run, whose framework refuses that");
    }

    private static Finding java() {
        String found = Runtime.version().toString();
        return Runtime.version().feature() >= JAVA
                ? Finding.ok(AREA, "Java", found)
                : Finding.fault(AREA, "Java", found, "install a JDK of version " + JAVA + ", or set LUO_JAVA_HOME");
    }

    /** Of the platform's process where one runs, else of this one, which inherits what a platform would. */
    private Finding fds() {
        String process = platform.map(running -> Long.toString(running.pid())).orElse("self");
        String[] limits = machine.field("/proc/" + process + "/limits", "Max open files")
                .orElse("")
                .split("\\s+");
        if (limits.length < 2 || !limits[1].matches("\\d{1,18}")) {
            return new Finding(
                    AREA, "fds", Finding.Status.UNKNOWN, "no limit to be found in /proc/" + process + "/limits", "");
        }
        long files = Long.parseLong(limits[1]) - OTHER_FDS;
        String found = "limit " + limits[0] + ", may be raised to " + limits[1] + ": " + Math.max(0, files) + " files";
        return files >= MANY_FILES
                ? Finding.ok(AREA, "fds", found)
                : Finding.fault(
                        AREA,
                        "fds",
                        found,
                        "ulimit -Hn 1048576 before luo run, or LimitNOFILE= in its unit; at most fs.nr_open, which is "
                                + machine.text("/proc/sys/fs/nr_open").orElse("not told"));
    }

    private Finding memory() {
        long available = machine.field("/proc/meminfo", "MemAvailable:")
                .map(text -> text.replaceAll("\\D", ""))
                .filter(digits -> digits.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(-1L);
        if (available < 0) {
            return new Finding(AREA, "memory", Finding.Status.UNKNOWN, "no MemAvailable in /proc/meminfo", "");
        }
        String found = String.format(Locale.ROOT, "%d MiB available", available / 1024);
        return available >= SUCCESSOR
                ? Finding.ok(AREA, "memory", found)
                : Finding.fault(
                        AREA,
                        "memory",
                        found,
                        "free " + SUCCESSOR / 1024 + " MiB: a successor runs beside its predecessor for a moment");
    }

    private Finding preload() {
        Path library = home.resolve("native/libluo-preload.so");
        return Files.isReadable(library)
                ? Finding.ok(AREA, "luo exec", "its preload library is there")
                : Finding.no(
                        AREA,
                        "luo exec",
                        "no " + library,
                        "install a C compiler and build again; everything else works without");
    }

    private Finding ptrace() {
        String scope = machine.text("/proc/sys/kernel/yama/ptrace_scope").orElse("0");
        return scope.equals("0") || machine.isRoot()
                ? Finding.ok(AREA, "luo check --pid", "may look at the files of other processes")
                : Finding.no(
                        AREA,
                        "luo check --pid",
                        "kernel.yama.ptrace_scope is " + (scope.matches("\\d") ? scope : "no digit")
                                + ": own children only",
                        "as root: sysctl kernel.yama.ptrace_scope=0, or run the platform as root");
    }
}
