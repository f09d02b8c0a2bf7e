// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.luo.Errno;

/**
 * What the files under {@code /proc}, {@code /sys} and {@code /boot} say of this machine. What can't be read is not known,
 * never an error.
 *
 * @param root {@code /}, or where a test has such files
 */
record Machine(Path root) {
    private static final String DEVICE = "/dev/liveupdate";
    private static final int CAP_SYS_BOOT = 22;
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Pattern KILOBYTES = Pattern.compile("MemAvailable: *(\\d{1,12}) kB");
    private static final Pattern CAPABILITIES = Pattern.compile("CapEff:\\s*([0-9a-f]{1,16})");

    /** The kernel's release, such as {@code 7.2.13}; empty if not known. */
    String release() {
        return text("proc/sys/kernel/osrelease").orElse("").strip();
    }

    /** The device's number, {@code 10:261}; empty if there is none. */
    Optional<String> deviceNumber() {
        return text("sys/class/misc/liveupdate/dev").map(String::strip);
    }

    /** How many live updates led to this kernel, as it counts them; empty if not known. */
    OptionalLong liveUpdates() {
        return KernelLog.liveUpdates(root.resolve("dev/kmsg"));
    }

    /** What this kernel was told at its start. */
    String commandLine() {
        return text("proc/cmdline").orElse("").strip();
    }

    /** Whether a kernel is loaded for a kexec; empty if not known. */
    Optional<Boolean> kernelIsLoaded() {
        return text("sys/kernel/kexec/loaded")
                .or(() -> text("sys/kernel/kexec_loaded"))
                .map(text -> text.strip().equals("1"));
    }

    /** Whether loading a kernel is switched off until the next reboot. */
    boolean loadingIsDisabled() {
        return text("proc/sys/kernel/kexec_load_disabled")
                .map(text -> text.strip().equals("1"))
                .orElse(false);
    }

    /** Whether this process may boot another kernel; empty if not known. */
    Optional<Boolean> mayReboot() {
        return find("proc/self/status", CAPABILITIES)
                .map(set -> (Long.parseUnsignedLong(set, 16) >> CAP_SYS_BOOT & 1) != 0);
    }

    /** Memory that can be had, in bytes; empty if not known. */
    Optional<Long> availableBytes() {
        return find("proc/meminfo", KILOBYTES).map(kilobytes -> Long.parseLong(kilobytes) * 1024);
    }

    /** Why the device could not be opened, with the remedy. */
    String whyNoDevice(Errno errno) {
        return switch (errno) {
            case ENOENT, ENODEV, ENXIO -> "there is no " + DEVICE + ": " + whyMissing();
            case EBUSY ->
                DEVICE + " is open in another process" + new Owners(this).of(DEVICE) + "; one at a time can have it";
            case EACCES, EPERM -> DEVICE + " may not be opened; run the platform as root";
            case EIO ->
                DEVICE + " can't be used until the next reboot: what the kernel before has left could not be"
                        + " read by this one, " + release() + " (unknown file handler or ABI; see the kernel's log)";
            default -> DEVICE + " can't be opened";
        };
    }

    private String whyMissing() {
        Matcher version = VERSION.matcher(release());
        if (version.matches() && isTooOld(version)) {
            return "Linux " + release() + " is too old, 6.19 is the first that has it";
        }
        for (String option : List.of("CONFIG_KEXEC_HANDOVER", "CONFIG_LIVEUPDATE")) {
            if (option(option).filter(value -> !value.equals("y")).isPresent()) {
                return "this kernel was built without " + option;
            }
        }
        List<String> words = new ArrayList<>();
        if (!isOn("kho")
                .orElse(option("CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT")
                        .filter("y"::equals)
                        .isPresent())) {
            words.add("kho=on");
        }
        if (!isOn("liveupdate").orElse(false)) {
            words.add("liveupdate=on");
        }
        return words.isEmpty()
                ? "see the kernel's log"
                : "add to the kernel's command line: " + String.join(" ", words);
    }

    private static boolean isTooOld(Matcher version) {
        int major = Integer.parseInt(version.group(1));
        return major < 6 || major == 6 && Integer.parseInt(version.group(2)) < 19;
    }

    /** What a word of the command line says; the last one counts, and one without a value is malformed to the kernel. */
    private Optional<Boolean> isOn(String word) {
        Optional<Boolean> on = Optional.empty();
        for (String given : commandLine().split("\\s+")) {
            if (given.startsWith(word + "=")) {
                on = Optional.of(given.substring(word.length() + 1).matches("(?i)[y1t].*|on.*"));
            }
        }
        return on;
    }

    /** The value of an option of the kernel's configuration, {@code n} if it is not set; empty if not known. */
    Optional<String> option(String name) {
        for (String path : List.of("proc/config.gz", "boot/config-" + release())) {
            Path file = root.resolve(path);
            if (Files.isReadable(file)) {
                try (var in = Files.newInputStream(file);
                        var lines = new BufferedReader(new InputStreamReader(
                                path.endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.ISO_8859_1))) {
                    return Optional.of(lines.lines()
                            .filter(line -> line.startsWith(name + "="))
                            .map(line -> line.substring(name.length() + 1))
                            .findFirst()
                            .orElse("n"));
                } catch (IOException | java.io.UncheckedIOException e) {
                    // not known, then
                }
            }
        }
        return Optional.empty();
    }

    /** Who has kernel sessions: {@code , process 325 (@luo-kexec)}; empty if not known. */
    String sessionHolders() {
        return new Owners(this).of(Identified.SESSION);
    }

    static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    private Optional<String> find(String path, Pattern pattern) {
        return text(path).flatMap(text -> {
            Matcher matcher = pattern.matcher(text);
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        });
    }

    /** What is in a file; empty if it can't be read. */
    Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(root.resolve(path), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
