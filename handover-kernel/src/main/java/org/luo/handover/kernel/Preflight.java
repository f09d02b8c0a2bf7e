// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;

/** Whether this machine could do a kexec with live update, whatever files there are. Changes nothing. */
final class Preflight {
    private static final String SCRATCH = "org.luo.preflight";

    private final KernelHandover handover;
    private final Machine machine;
    private final LiveUpdateKernel kernel;

    Preflight(KernelHandover handover) {
        this.handover = handover;
        this.machine = handover.machine();
        this.kernel = handover.kernel();
    }

    /**
     * Goes through all of it.
     *
     * @return what can't be known from here
     * @throws LuoException the first thing that is missing
     */
    List<Finding> require() throws LuoException {
        List<Finding> findings = findings();
        for (Finding finding : findings) {
            if (finding.state() == Finding.State.MISSING) {
                throw LuoException.of(finding.errno(), "live update: " + finding.text());
            }
        }
        return findings.stream()
                .filter(finding -> finding.state() == Finding.State.UNKNOWN)
                .toList();
    }

    /** Everything that there is to say. */
    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        KernelHandover.Refused refused = handover.refused();
        findings.add(Finding.ok("sessions", "are had " + kernel.way()));
        device(findings);
        findings.add(liveUpdates());
        findings.add(permission());
        findings.add(loaded());
        if (refused != null) {
            findings.add(Finding.missing(
                    "came over",
                    Errno.EBUSY,
                    "what came over the last kexec was refused and is kept: "
                            + refused.why().getMessage() + "; let go of it: luo kexec discard"));
        }
        return findings;
    }

    /** The device, and whether it takes the one kind of file that kernels take today. */
    private void device(List<Finding> findings) {
        if (!kernel.canAsk()) {
            findings.add(Finding.unknown("device", "nothing can be asked of the kernel this way before it counts"));
            return;
        }
        int session;
        try {
            session = kernel.createSession(SCRATCH);
        } catch (LuoException e) {
            findings.add(Finding.missing("device", e.errno(), e.getMessage()));
            return;
        }
        try {
            findings.add(Finding.ok("device", "/dev/liveupdate can be used, Linux " + machine.release()));
            findings.add(memfd(session));
        } finally {
            kernel.close(session);
        }
    }

    private Finding memfd(int session) {
        try {
            int fd = Memfd.create("luo-preflight", 0);
            try {
                kernel.preserve(session, fd, 1);
                return Finding.ok("memfd", "the kernel keeps memfds");
            } finally {
                Fds.close(fd);
            }
        } catch (LuoException e) {
            return Finding.missing(
                    "memfd",
                    e.errno(),
                    e.errno() == Errno.ENOENT
                            ? "the kernel does not keep memfds; it was built without CONFIG_LIVEUPDATE_MEMFD"
                            : e.getMessage());
        }
    }

    private Finding liveUpdates() {
        OptionalLong number = machine.liveUpdates();
        return Finding.ok(
                "live updates",
                number.isPresent()
                        ? "this kernel came by live update " + number.getAsLong() + " of its own count"
                        : "none led to this kernel that its log tells of");
    }

    private Finding permission() {
        Optional<Boolean> may = machine.mayReboot();
        if (may.isEmpty()) {
            return Finding.unknown("permission", "whether this process may kexec is not known");
        }
        return may.get()
                ? Finding.ok("permission", "this process may kexec")
                : Finding.missing("permission", Errno.EPERM, "this process may not kexec; it needs CAP_SYS_BOOT");
    }

    private Finding loaded() {
        Optional<Boolean> loaded = machine.kernelIsLoaded();
        if (loaded.isEmpty()) {
            return Finding.unknown("next kernel", "whether a kernel is loaded is not known");
        }
        if (loaded.get()) {
            return howLoaded();
        }
        return Finding.missing(
                "next kernel",
                Errno.EINVAL,
                machine.loadingIsDisabled()
                        ? "no kernel is loaded, and loading is switched off until the next reboot"
                                + " (kernel.kexec_load_disabled)"
                        : "no kernel is loaded; load one: luo kexec load KERNEL");
    }

    /** Memory crosses into a kernel that kexec_file_load has loaded, and into no other. No kernel tells which call it was. */
    private Finding howLoaded() {
        if (machine.option("CONFIG_KEXEC").filter("n"::equals).isPresent()) {
            return Finding.ok("next kernel", "loaded by kexec_file_load, the only way that this kernel has");
        }
        Optional<String> here = handover.loadedHere();
        return here.isPresent()
                ? Finding.ok(
                        "next kernel", Machine.printable(here.get()) + ", loaded by this platform with kexec_file_load")
                : Finding.unknown(
                        "next kernel",
                        "loaded, and no kernel says by which call: everything is lost in one that came by kexec_load"
                                + " (kexec -c, or -l without -s); to be sure: luo kexec load KERNEL");
    }
}
