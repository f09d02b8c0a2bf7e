// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.FileName;
import org.luo.handover.Frozen;
import org.luo.handover.Handover;
import org.luo.handover.IncomingSide;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Phases;
import org.luo.handover.Substitute;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handover across a kexec, {@code kernel}. The options are those of {@link Options}.
 *
 * <p>Happy path: preflight · kernel session · every file given to it, ahead of the freeze · freeze · files that came since ·
 * envelope · reboot, from which nobody returns; or a process holds the session until somebody else reboots. If anything
 * fails, the kernel's freeze included, everything is unfrozen and the kernel session closed, which lets go of all files.
 */
@Component(service = {Handover.class, KernelHandover.class})
public final class KernelHandover implements Handover {
    static final String KIND = "kernel";

    private static final Logger LOG = LoggerFactory.getLogger("luo.kernel");
    private static final String SCRATCH = "org.luo.check";

    private final Machine machine;
    private final HandedIn handedIn;
    private final LiveUpdateKernel kernel;
    private volatile Refused refused;
    private volatile String loadedHere;
    private volatile Checked checked = Checked.NOTHING;

    /**
     * What came over the last kexec and could not be taken.
     *
     * @param session its fd
     * @param why what was wrong with it
     */
    record Refused(int session, LuoException why) {}

    /**
     * Called by Declarative Services.
     *
     * <p>Framework properties: those of {@link Ways#of}.
     */
    @Activate
    public KernelHandover(BundleContext context) {
        this.machine = new Machine(Path.of("/"));
        this.handedIn = new HandedIn(fd -> Identified.of(fd, machine));
        this.kernel = new RealKernel(Ways.of(context, machine, handedIn), machine);
        if (!Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            handedIn.take(System.getenv(), ProcessHandle.current().pid());
        }
    }

    KernelHandover(Machine machine, LiveUpdateKernel kernel) {
        this.machine = machine;
        this.handedIn = new HandedIn(fd -> Identified.of(fd, machine));
        this.kernel = kernel;
    }

    /** What the service manager has handed in. */
    HandedIn handedIn() {
        return handedIn;
    }

    LiveUpdateKernel kernel() {
        return kernel;
    }

    Machine machine() {
        return machine;
    }

    /** What came and was refused is kept, so that somebody can look at it. */
    void keep(Refused what) {
        refused = what;
    }

    /** What was refused and is kept; null if nothing is. */
    Refused refused() {
        return refused;
    }

    /** This process has loaded a kernel, the right way; null if it has unloaded it. */
    void loaded(String path) {
        loadedHere = path;
    }

    /** The path of the kernel that this process has loaded. The kernel does not tell if somebody else has loaded another since. */
    Optional<String> loadedHere() {
        return Optional.ofNullable(loadedHere);
    }

    /** Nothing has been asked yet. */
    void forgetChecked() {
        checked = Checked.NOTHING;
    }

    /** What the last check found. */
    Checked checked() {
        return checked;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public void check(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        Boarding boarding = new Boarding(Options.parse(options), machine);
        try (KernelSession session = kernel.canAsk() ? KernelSession.create(kernel, SCRATCH) : null) {
            boarding.ask(outgoing, session);
        } catch (LuoException e) {
            checked = new Checked(List.of(), boarding.memory());
            throw e;
        }
        checked = new Checked(List.copyOf(boarding.answers()), boarding.memory());
        boarding.requireAllOnBoard();
        new Preflight(this).require();
    }

    @Override
    public UpdateReport handOver(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        Options parsed = Options.parse(options);
        Phases phases = new Phases(outgoing::ended);
        new Preflight(this).require().forEach(unknown -> LOG.warn("{}: {}", unknown.what(), unknown.text()));
        requireOurs(parsed);
        try (KernelSession session = KernelSession.create(kernel, KernelSession.NAME)) {
            phases.end("preflight");
            Map<FileName, Substitute> left = board(outgoing, parsed, session);
            phases.end("preserve");
            Frozen frozen = outgoing.freezeForKernel(left);
            boolean gone = false;
            try {
                phases.endBlackout("freeze");
                UpdateReport report = leave(outgoing, parsed, session, frozen, phases);
                gone = true;
                return report;
            } finally {
                if (!gone) {
                    frozen.unfreeze();
                }
            }
        }
    }

    /** Returns what is left behind. */
    private Map<FileName, Substitute> board(OutgoingSide outgoing, Options options, KernelSession session)
            throws LuoException {
        Boarding boarding = new Boarding(options, machine);
        boarding.ask(outgoing, session);
        boarding.requireAllOnBoard();
        if (!boarding.left().isEmpty()) {
            LOG.warn("left behind: {}", boarding.named(Boarding.Fate.STAYS));
        }
        return boarding.left();
    }

    /** Booting under the feet of whoever asks others as well would lose what those have not preserved yet. */
    private void requireOurs(Options options) throws LuoException {
        if (kernel.bootsElsewhere() && !options.prepareOnly()) {
            throw LuoException.of(
                    Errno.EBUSY,
                    "live update: kernel sessions are had " + kernel.way()
                            + "; it boots, not this platform: luo kexec --prepare-only, and then its own command");
        }
    }

    private UpdateReport leave(
            OutgoingSide outgoing, Options options, KernelSession session, Frozen frozen, Phases phases)
            throws LuoException {
        long[] tokens = session.preserve(frozen.image().files());
        session.preserveEnvelope(new Envelope(tokens, frozen.image().bytes(), now(), machine.release()));
        phases.endBlackout("envelope");
        frozen.fence();
        LOG.info(
                "{} and {} are with the kernel: {}, image of {} bytes; {}",
                Amount.of(frozen.sessions(), "session"),
                Amount.of(frozen.files(), "file"),
                Amount.of(session.files(), "open file"),
                frozen.image().bytes().remaining(),
                phases);
        if (!options.prepareOnly()) {
            kernel.reboot();
            throw LuoException.of(Errno.EIO, "kexec: the kernel came back from the reboot without an error");
        }
        long holder = kernel.handOn(session.fd());
        phases.endBlackout("hold");
        LOG.info("process {} holds them until the kexec; whoever ends it loses them", holder);
        UpdateReport report = report(outgoing, frozen, phases, holder);
        frozen.relinquish("the next kernel, by process " + holder);
        return report;
    }

    private static UpdateReport report(OutgoingSide outgoing, Frozen frozen, Phases phases, long holder) {
        return new UpdateReport(
                KIND,
                outgoing.liveUpdates() + 1,
                ProcessHandle.current().pid(),
                holder,
                frozen.sessions(),
                frozen.files(),
                frozen.image().bytes().remaining(),
                phases.blackoutNanos(),
                phases.list());
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
