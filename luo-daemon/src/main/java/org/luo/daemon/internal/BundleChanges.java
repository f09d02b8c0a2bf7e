// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.deploy.DeployFolder;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Installs, updates, uninstalls, stops and starts bundles. Where there is a deploy folder, jars go through it, so that a
 * successor has them too.
 */
final class BundleChanges {
    private static final long REFRESH_SECONDS = 10;

    private final Platform platform;

    BundleChanges(Platform platform) {
        this.platform = platform;
    }

    /** @throws LuoException EINVAL if it is no bundle · EIO if it does not start; nothing is left then */
    Bundle install(BundleFile file) throws LuoException {
        String what = "install of " + file.path();
        DeployFolder folder = platform.folder();
        try {
            if (folder != null) {
                return platform.context().getBundle(folder.deploy(file.path()));
            }
            Bundle bundle = installHere(file);
            try {
                start(bundle);
                return bundle;
            } catch (BundleException e) {
                bundle.uninstall();
                throw e;
            }
        } catch (BundleException e) {
            throw failed(what, e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, what + ": " + e, e);
        }
    }

    private Bundle installHere(BundleFile file) throws BundleException, IOException {
        try (InputStream bytes = Files.newInputStream(file.path())) {
            return platform.context().installBundle(file.path().toUri().toString(), bytes);
        }
    }

    /**
     * Updates a bundle from a jar, or from where it came from.
     *
     * @param file null for where it came from
     * @throws LuoException EBUSY naming what needs it · EINVAL if it is no bundle · EIO if it does not start; with a deploy
     *     folder it is then as it was before
     */
    void update(Bundle bundle, BundleFile file) throws LuoException {
        String what = "update of bundle " + BundleCommands.shown(bundle);
        DeployFolder folder = platform.folder();
        try (var _ = platform.leave("update", bundle)) {
            if (file == null) {
                bundle.update();
                refresh(bundle);
            } else if (folder != null) {
                folder.deploy(file.path());
            } else {
                updateHere(bundle, file);
                refresh(bundle);
            }
        } catch (BundleException e) {
            throw failed(what, e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, what + ": " + e, e);
        }
    }

    private static void updateHere(Bundle bundle, BundleFile file) throws BundleException, IOException {
        try (InputStream bytes = Files.newInputStream(file.path())) {
            bundle.update(bytes);
        }
    }

    /**
     * Uninstalls a bundle, and deletes its jar if that is in the deploy folder.
     *
     * @return whether it is gone for good
     * @throws LuoException EBUSY naming what needs it
     */
    boolean uninstall(Bundle bundle) throws LuoException {
        String what = "uninstall of bundle " + BundleCommands.shown(bundle);
        DeployFolder folder = platform.folder();
        try (var _ = platform.leave("uninstall", bundle)) {
            if (folder != null && folder.remove(bundle.getBundleId())) {
                return bundle.getState() == Bundle.UNINSTALLED;
            }
            bundle.uninstall();
            refresh(bundle);
            return false;
        } catch (BundleException e) {
            throw failed(what, e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, what + ": its jar comes back, since it can't be deleted: " + e, e);
        }
    }

    /** @throws LuoException EBUSY naming what needs it */
    void stop(Bundle bundle) throws LuoException {
        try (var _ = platform.leave("stop", bundle)) {
            bundle.stop();
        } catch (BundleException e) {
            throw failed("stop of bundle " + BundleCommands.shown(bundle), e);
        }
    }

    /** @throws LuoException EIO with the reason if it does not start */
    void started(Bundle bundle) throws LuoException {
        try {
            start(bundle);
        } catch (BundleException e) {
            throw failed("start of bundle " + BundleCommands.shown(bundle), e);
        }
    }

    private static void start(Bundle bundle) throws BundleException {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
            bundle.start();
        }
    }

    /** Why a bundle may not go now; empty if nothing needs it. */
    Optional<String> refusal(String operation, Bundle bundle) {
        try (var _ = platform.leave(operation, bundle)) {
            return Optional.empty();
        } catch (LuoException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Has those that are wired to what has gone wired anew. */
    private void refresh(Bundle bundle) {
        FrameworkWiring wiring = platform.context().getBundle(0).adapt(FrameworkWiring.class);
        CountDownLatch refreshed = new CountDownLatch(1);
        try {
            wiring.refreshBundles(List.of(bundle), event -> refreshed.countDown());
            refreshed.await(REFRESH_SECONDS, TimeUnit.SECONDS);
        } catch (IllegalStateException e) {
            // a file was preserved in this moment: those that are wired to what was there keep that
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static LuoException failed(String what, BundleException e) {
        Errno errno = switch (e.getType()) {
            case BundleException.REJECTED_BY_HOOK -> Errno.EBUSY;
            case BundleException.DUPLICATE_BUNDLE_ERROR -> Errno.EEXIST;
            case BundleException.MANIFEST_ERROR, BundleException.READ_ERROR -> Errno.EINVAL;
            default -> Errno.EIO;
        };
        String why = BundleCommands.reason(e);
        return LuoException.of(errno, why.startsWith(what) ? why : what + ": " + why, e);
    }
}
