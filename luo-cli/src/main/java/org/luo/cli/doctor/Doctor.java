// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at everything that live updates depend on. */
public final class Doctor {
    private final Machine machine;
    private final Path home;
    private final Optional<RunningPlatform> platform;

    /**
     * @param home the distribution
     * @param platform the platform that runs, if one does
     */
    public Doctor(Machine machine, Path home, Optional<RunningPlatform> platform) {
        this.machine = machine;
        this.home = home;
        this.platform = platform;
    }

    /** What was found, area by area. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(new PlatformChecks(machine, home, platform).findings());
        findings.addAll(new MemoryChecks(machine, platform).findings());
        findings.addAll(new DeviceChecks(machine, platform).findings());
        findings.addAll(new KernelChecks(machine).findings());
        return findings;
    }
}
