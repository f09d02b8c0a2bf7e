// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.luo.Errno;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Replaces a bundle whose plug-ins hold files: the new version is installed beside it, its handlers and FLBs adopt what
 * those hold, and the old one is uninstalled. If a step fails, the new one is uninstalled again and the old one holds its files as before.
 */
final class BundleAdoption {
    private static final long PATIENCE_MILLIS = 3000;
    private static final long PERIOD_MILLIS = 10;

    private final Platform platform;
    private final BundleContext context;
    private final Orchestrator orchestrator;
    private final Bundle old;

    /**
     * What has become of it.
     *
     * @param bundle the new one
     * @param files how many files it has adopted
     */
    record Adopted(Bundle bundle, int files) {}

    BundleAdoption(Platform platform, Bundle old) throws LuoException {
        this.platform = platform;
        this.context = platform.context();
        this.orchestrator = platform.orchestrator();
        this.old = old;
    }

    /**
     * All or nothing.
     *
     * @throws LuoException ENOENT if there is no such file, the old bundle has no plug-in, or nothing in the new one reads
     *     what one of them keeps · EINVAL if the new one has another symbolic name · EIO if it does not start · what
     *     {@link Orchestrator#adoptBundle} says
     */
    Adopted run(Path jar) throws LuoException {
        Bundle next = install(jar);
        try {
            if (!old.getSymbolicName().equals(next.getSymbolicName())) {
                throw LuoException.of(
                        Errno.EINVAL, "adopt " + shown(old) + ": " + jar + " is of " + next.getSymbolicName());
            }
            next.start();
            awaitPlugins(next);
            int files = orchestrator.adoptBundle(shown(old), shown(next));
            uninstallOld(next);
            return new Adopted(next, files);
        } catch (BundleException e) {
            throw uninstalled(next, LuoException.of(Errno.EIO, "start " + jar + ": " + BundleCommands.reason(e), e));
        } catch (LuoException e) {
            throw uninstalled(next, e);
        }
    }

    /** Its components may take a moment to be there; whether all are that are needed is for the orchestrator to say. */
    private void awaitPlugins(Bundle next) throws LuoException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!(hasReaders(next) && hasFlbs(next)) && System.nanoTime() < end) {
            pause();
        }
    }

    private boolean hasReaders(Bundle next) {
        List<HandlerInfo> readers = handlersOf(next);
        return handlersOf(old).stream()
                .map(HandlerInfo::compatible)
                .allMatch(format -> readers.stream()
                        .anyMatch(reader -> reader.compatible().equals(format)
                                || reader.reads().contains(format)));
    }

    private boolean hasFlbs(Bundle next) {
        return flbsOf(next).size() >= flbsOf(old).size();
    }

    private List<HandlerInfo> handlersOf(Bundle bundle) {
        return orchestrator.handlers().stream()
                .filter(handler -> handler.bundle().equals(shown(bundle)))
                .toList();
    }

    private List<FlbInfo> flbsOf(Bundle bundle) {
        return orchestrator.flbs().stream()
                .filter(flb -> flb.bundle().equals(shown(bundle)))
                .toList();
    }

    private Bundle install(Path jar) throws LuoException {
        if (!Files.isRegularFile(jar)) {
            throw LuoException.of(Errno.ENOENT, "install " + jar + ": no such file");
        }
        try (InputStream bytes = Files.newInputStream(jar)) {
            return context.installBundle("luo:adopt/" + UUID.randomUUID(), bytes);
        } catch (BundleException e) {
            Errno errno = e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR ? Errno.EEXIST : Errno.EINVAL;
            throw LuoException.of(errno, "install " + jar + ": " + BundleCommands.reason(e), e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "install " + jar + ": " + e, e);
        }
    }

    private static void pause() throws LuoException {
        try {
            Thread.sleep(PERIOD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "interrupted while waiting for a plug-in", e);
        }
    }

    private void uninstallOld(Bundle next) throws LuoException {
        try (var _ = platform.leave("uninstall", old)) {
            old.uninstall();
        } catch (BundleException e) {
            throw back(
                    next, LuoException.of(Errno.EBUSY, "uninstall " + shown(old) + ": " + BundleCommands.reason(e), e));
        } catch (LuoException e) {
            throw back(next, e);
        }
    }

    /** The old bundle can't go: what it kept goes back to it, provided that it reads it. */
    private LuoException back(Bundle next, LuoException refusal) {
        try {
            orchestrator.adoptBundle(shown(next), shown(old));
        } catch (LuoException e) {
            refusal.addSuppressed(e);
        }
        return refusal;
    }

    private static LuoException uninstalled(Bundle next, LuoException why) {
        try {
            next.uninstall();
        } catch (BundleException e) {
            why.addSuppressed(e);
        }
        return why;
    }

    private static String shown(Bundle bundle) {
        return BundleCommands.shown(bundle);
    }
}
