// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.List;
import java.util.Optional;

/** Devices: what passes through VFIO and iommufd, and what no process can hand to another. */
final class DeviceChecks {
    private static final String AREA = "devices";
    private static final String IOMMUFD = "/dev/iommu";
    private static final String DEVICES = "/dev/vfio/devices";

    private final Machine machine;
    private final Optional<RunningPlatform> platform;

    DeviceChecks(Machine machine, Optional<RunningPlatform> platform) {
        this.machine = machine;
        this.platform = platform;
    }

    List<Finding> findings() {
        return List.of(
                iommu(),
                HandlerCheck.with(iommufd(), platform, "iommu", "handler-iommu"),
                HandlerCheck.with(vfio(), platform, "vfio", "handler-vfio"),
                legacy(),
                kvm());
    }

    private Finding iommu() {
        List<String> units = machine.names("/sys/class/iommu", ".*");
        return units.isEmpty()
                ? Finding.no(
                        AREA,
                        "IOMMU",
                        "none in /sys/class/iommu",
                        "switch it on in the firmware, and on the kernel's command line: intel_iommu=on (Intel; AMD and"
                                + " Arm need nothing); in QEMU: -machine q35 -device intel-iommu,intremap=on")
                : Finding.ok(AREA, "IOMMU", units.size() + " in /sys/class/iommu: " + units.getFirst());
    }

    private Finding iommufd() {
        if (!machine.exists(IOMMUFD)) {
            return Finding.no(AREA, "iommufd", missing(IOMMUFD, "IOMMUFD"), option("IOMMUFD", "iommufd"));
        }
        return machine.isUsable(IOMMUFD)
                ? Finding.ok(AREA, "iommufd", IOMMUFD + " can be opened")
                : Finding.no(
                        AREA, "iommufd", IOMMUFD + " is not for this user", "as root: setfacl -m u:USER:rw " + IOMMUFD);
    }

    private Finding vfio() {
        List<String> devices = machine.names(DEVICES, "vfio\\d+");
        if (devices.isEmpty()) {
            boolean cdev = machine.exists(DEVICES)
                    || machine.kernelOption("VFIO_DEVICE_CDEV").orElse("n").equals("y");
            return cdev
                    ? Finding.no(
                            AREA,
                            "VFIO devices",
                            "none in " + DEVICES,
                            "as root: echo vfio-pci > /sys/bus/pci/devices/ADDRESS/driver_override; echo ADDRESS >"
                                    + " /sys/bus/pci/drivers_probe")
                    : Finding.no(
                            AREA,
                            "VFIO devices",
                            missing(DEVICES, "VFIO_DEVICE_CDEV"),
                            option("VFIO_DEVICE_CDEV", "vfio-pci"));
        }
        List<String> closed = devices.stream()
                .filter(name -> !machine.isUsable(DEVICES + "/" + name))
                .toList();
        return closed.isEmpty()
                ? Finding.ok(AREA, "VFIO devices", String.join(", ", devices))
                : Finding.no(
                        AREA,
                        "VFIO devices",
                        String.join(", ", devices) + "; not for this user: " + String.join(", ", closed),
                        "as root: setfacl -m u:USER:rw " + DEVICES + "/" + closed.getFirst());
    }

    private Finding legacy() {
        List<String> groups = machine.names("/dev/vfio", "\\d+");
        return groups.isEmpty()
                ? Finding.ok(AREA, "VFIO groups", "none in use")
                : new Finding(
                        AREA,
                        "VFIO groups",
                        Finding.Status.NEVER,
                        "/dev/vfio/" + String.join(", /dev/vfio/", groups) + ": containers and groups are refused",
                        "open the device in " + DEVICES + " and bind it to an iommufd");
    }

    private Finding kvm() {
        return machine.exists("/dev/kvm")
                ? new Finding(
                        AREA,
                        "KVM",
                        Finding.Status.NEVER,
                        "VM and vCPU fds are of no use to another process: the kernel answers EIO",
                        "let the VMM save their state in a memfd and build the VM anew")
                : Finding.ok(AREA, "KVM", "none here");
    }

    private String missing(String path, String option) {
        return machine.kernelOption(option)
                .map(value -> "no " + path + ", CONFIG_" + option + "=" + value)
                .orElse("no " + path);
    }

    private String option(String option, String module) {
        return machine.kernelOption(option).orElse("n").equals("n")
                ? "a kernel with CONFIG_" + option
                : "as root: modprobe " + module;
    }
}
