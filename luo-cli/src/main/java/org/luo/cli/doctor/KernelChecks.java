// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a live update of the kernel needs: the kernel's own orchestrator, switched on, and kexec. */
final class KernelChecks {
    private static final String AREA = "kernel handover";
    private static final String DEVICE = "/dev/liveupdate";
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    private static final int MAJOR = 6;
    private static final int MINOR = 19;

    private final Machine machine;

    KernelChecks(Machine machine) {
        this.machine = machine;
    }

    List<Finding> findings() {
        return List.of(version(), options(), commandLine(), device(), kexec());
    }

    private Finding version() {
        String kernel = machine.kernel();
        Matcher version = VERSION.matcher(kernel);
        if (!version.matches()) {
            return new Finding(AREA, "kernel", Finding.Status.UNKNOWN, "of a version that is not told", "");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        return major > MAJOR || major == MAJOR && minor >= MINOR
                ? Finding.ok(AREA, "kernel", "Linux " + kernel)
                : Finding.no(AREA, "kernel", "Linux " + kernel, "Linux " + MAJOR + "." + MINOR + " or later");
    }

    private Finding options() {
        List<String> missing = new ArrayList<>();
        for (String option : List.of("KEXEC_HANDOVER", "LIVEUPDATE", "LIVEUPDATE_MEMFD", "KEXEC_FILE")) {
            var value = machine.kernelOption(option);
            if (value.isEmpty()) {
                return new Finding(
                        AREA,
                        "options",
                        Finding.Status.UNKNOWN,
                        "neither /proc/config.gz nor /boot/config-" + machine.kernel() + " is there",
                        "a kernel with CONFIG_IKCONFIG_PROC says it");
            }
            if (!value.get().equals("y")) {
                missing.add("CONFIG_" + option);
            }
        }
        return missing.isEmpty()
                ? Finding.ok(AREA, "options", "all there")
                : Finding.no(
                        AREA,
                        "options",
                        "not set: " + String.join(", ", missing),
                        "a kernel with " + String.join("=y, ", missing) + "=y");
    }

    private Finding commandLine() {
        List<String> words = List.of(machine.text("/proc/cmdline").orElse("").split("\\s+"));
        List<String> missing = new ArrayList<>();
        for (String name : List.of("kho", "liveupdate")) {
            if (words.stream().noneMatch(word -> word.matches(name + "=(on|1|y|Y)"))) {
                missing.add(name + "=on");
            }
        }
        return missing.isEmpty()
                ? Finding.ok(AREA, "command line", "kho=on liveupdate=on")
                : Finding.no(
                        AREA,
                        "command line",
                        "not on it: " + String.join(", ", missing),
                        "add " + String.join(" ", missing) + " to the kernel's command line and reboot");
    }

    private Finding device() {
        if (!machine.exists(DEVICE)) {
            return Finding.no(AREA, DEVICE, "not there", "the kernel, options and command line above");
        }
        return machine.isUsable(DEVICE)
                ? Finding.ok(AREA, DEVICE, "can be opened")
                : Finding.no(AREA, DEVICE, "not for this user", "run the platform as root");
    }

    private Finding kexec() {
        if (machine.text("/proc/sys/kernel/kexec_load_disabled").orElse("0").equals("1")) {
            return Finding.no(
                    AREA,
                    "kexec",
                    "kernel.kexec_load_disabled is 1",
                    "boot without what sets it; it can't be taken back");
        }
        return machine.isRoot()
                ? Finding.ok(AREA, "kexec", "not switched off")
                : Finding.no(AREA, "kexec", "not for this user", "run it as root (CAP_SYS_BOOT)");
    }
}
