// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.PluginStatus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Replaces a bundle whose handler holds files: the new version is installed beside it, adopts the files, and the old one
 * is uninstalled. If a step fails, the new one is uninstalled again and the old one holds its files as before.
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
     * @throws LuoException ENOENT if there is no such file, or no handler in it that reads the files · EOPNOTSUPP if the
     *     old bundle has not exactly one handler, or has FLBs · EINVAL if the new one has another symbolic name · EIO if
     *     it does not start · what {@link Orchestrator#adopt} says
     */
    Adopted run(Path jar) throws LuoException {
        HandlerInfo from = onlyHandler();
        Bundle next = install(jar);
        try {
            if (!old.getSymbolicName().equals(next.getSymbolicName())) {
                throw LuoException.of(
                        Errno.EINVAL, "adopt " + shown(old) + ": " + jar + " is of " + next.getSymbolicName());
            }
            next.start();
            HandlerInfo to = await(next, from);
            int files = orchestrator.adopt(from.compatible(), to);
            uninstallOld(from, to);
            return new Adopted(next, files);
        } catch (BundleException e) {
            throw uninstalled(next, LuoException.of(Errno.EIO, "start " + jar + ": " + BundleCommands.reason(e), e));
        } catch (LuoException e) {
            throw uninstalled(next, e);
        }
    }

    private HandlerInfo onlyHandler() throws LuoException {
        List<HandlerInfo> handlers = handlersOf(old);
        boolean hasFlbs =
                orchestrator.flbs().stream().anyMatch(flb -> flb.bundle().equals(shown(old)));
        if (handlers.size() != 1 || hasFlbs || handlers.getFirst().status() != PluginStatus.ACTIVE) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "adopt " + shown(old) + ": only of a bundle with one active handler and no FLB; it has "
                            + handlers.size() + (hasFlbs ? " and FLBs" : ""));
        }
        return handlers.getFirst();
    }

    private List<HandlerInfo> handlersOf(Bundle bundle) {
        return orchestrator.handlers().stream()
                .filter(handler -> handler.bundle().equals(shown(bundle)))
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

    /** Its handler; a component may take a moment to be there. */
    private HandlerInfo await(Bundle next, HandlerInfo from) throws LuoException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (true) {
            Optional<HandlerInfo> reader = handlersOf(next).stream()
                    .filter(handler -> handler.compatible().equals(from.compatible())
                            || handler.reads().contains(from.compatible()))
                    .findFirst();
            if (reader.isPresent()) {
                return reader.get();
            }
            if (System.nanoTime() > end) {
                throw LuoException.of(
                        Errno.ENOENT,
                        "adopt " + shown(old) + ": nothing in " + shown(next) + " reads " + from.compatible());
            }
            pause();
        }
    }

    private static void pause() throws LuoException {
        try {
            Thread.sleep(PERIOD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "interrupted while waiting for a handler", e);
        }
    }

    private void uninstallOld(HandlerInfo from, HandlerInfo to) throws LuoException {
        try (var _ = platform.leave("uninstall", old)) {
            old.uninstall();
        } catch (BundleException e) {
            throw back(
                    from,
                    to,
                    LuoException.of(Errno.EBUSY, "uninstall " + shown(old) + ": " + BundleCommands.reason(e), e));
        } catch (LuoException e) {
            throw back(from, to, e);
        }
    }

    /** The old bundle can't go: the files go back to it, provided that it reads them. */
    private LuoException back(HandlerInfo from, HandlerInfo to, LuoException refusal) {
        try {
            orchestrator.adopt(to.compatible(), from);
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
