// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** A machine that a test makes up, file by file. */
final class FakeMachine {
    static final String KERNEL = "7.2.13-luo";

    private final Path root;

    FakeMachine(Path root) {
        this.root = root;
    }

    Machine machine() {
        return new Machine(root);
    }

    FakeMachine file(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return this;
    }

    FakeMachine without(String path) throws IOException {
        Files.delete(root.resolve(path.substring(1)));
        return this;
    }

    /** The configuration of its kernel: options that are set to y. */
    FakeMachine options(String... options) throws IOException {
        file("/proc/config.gz", "");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            for (String option : options) {
                out.write(("CONFIG_" + option + "=y\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
        return this;
    }

    /** Has all there is to have. */
    FakeMachine complete() throws IOException {
        return options(
                        "MEMFD_CREATE",
                        "IOMMUFD",
                        "VFIO_DEVICE_CDEV",
                        "KEXEC_HANDOVER",
                        "KEXEC_FILE",
                        "LIVEUPDATE",
                        "LIVEUPDATE_MEMFD")
                .file("/proc/sys/kernel/osrelease", KERNEL + "\n")
                .file("/proc/filesystems", "nodev\ttmpfs\nnodev\thugetlbfs\n")
                .file("/proc/cmdline", "quiet kho=on liveupdate=on\n")
                .file("/proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    8000000 kB\n")
                .file("/proc/self/status", "Name:\tluo\nUid:\t0\t0\t0\t0\n")
                .file(
                        "/proc/self/limits",
                        "Max open files            1024                 1048576              files\n")
                .pool("hugepages-2048kB", 64, 60)
                .pool("hugepages-1048576kB", 0, 0)
                .file("/sys/class/iommu/dmar0", "")
                .file("/dev/iommu", "")
                .file("/dev/vfio/devices/vfio0", "")
                .file("/dev/liveupdate", "");
    }

    FakeMachine pool(String name, long pages, long free) throws IOException {
        String directory = "/sys/kernel/mm/hugepages/" + name + "/";
        return file(directory + "nr_hugepages", pages + "\n")
                .file(directory + "free_hugepages", free + "\n")
                .file(directory + "nr_overcommit_hugepages", "0\n");
    }
}
