// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.kernel.Identified.Kind;
import org.luo.linux.Fds;
import org.luo.linux.ListenFds;
import org.luo.linux.LiveUpdate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service manager has handed in under the name {@value #NAME}: the device (systemd's {@code OpenFile=}), a session
 * that came over the kexec (systemd 261 and newer, of its fd store), or one to be handed over. What is something else is
 * left alone and said, and the other ways are tried.
 *
 * <p>A session that was handed in is used once: of an incoming one the files are taken out; of an outgoing one a failed
 * attempt can't be taken back, since the manager has the session too.
 */
final class HandedIn implements Way {
    static final String NAME = "luo";

    private static final Logger LOG = LoggerFactory.getLogger("luo.kernel");

    private final Identified.By by;

    // Guarded by this.
    private final List<Identified> usable = new ArrayList<>();
    private final List<String> rejected = new ArrayList<>();

    HandedIn(Identified.By by) {
        this.by = by;
    }

    /** Takes what the environment says, once. */
    void take(Map<String, String> environment, long pid) {
        try {
            ListenFds.of(environment, pid).stream()
                    .filter(file -> file.name().equals(NAME))
                    .forEach(file -> add(file.fd()));
        } catch (LuoException e) {
            reject(e);
        }
    }

    /** Takes an fd, which is checked. */
    synchronized void add(int fd) {
        try {
            Identified identified = by.of(fd);
            usable.add(identified);
            LOG.info("the service manager has handed in {}", identified);
        } catch (LuoException e) {
            reject(e);
        }
    }

    private synchronized void reject(LuoException why) {
        LOG.warn("not taken from the service manager: {}", why.getMessage());
        rejected.add(why.getMessage());
    }

    /** The fds that are of use, for this process's successor. */
    synchronized List<Integer> fds() {
        return usable.stream().map(Identified::fd).toList();
    }

    /** They are the successor's. */
    synchronized void close() {
        usable.forEach(file -> Fds.close(file.fd()));
        usable.clear();
    }

    @Override
    public synchronized String name() {
        return "handed in by the service manager: "
                + usable.stream().map(Identified::toString).collect(Collectors.joining("; "));
    }

    @Override
    public synchronized void require(boolean creating) throws NotThisWay {
        if (find(Kind.DEVICE) != null || find(creating ? Kind.OUTGOING : Kind.INCOMING) != null) {
            return;
        }
        if (usable.isEmpty() && rejected.isEmpty()) {
            throw new NotThisWay("the service manager has handed in nothing called " + NAME);
        }
        List<String> why = new ArrayList<>(rejected);
        usable.forEach(file -> why.add(file + ", is of no use for this"));
        throw new NotThisWay("handed in by the service manager: " + String.join("; ", why));
    }

    @Override
    public synchronized boolean canAsk() {
        return find(Kind.DEVICE) != null;
    }

    @Override
    public synchronized int createSession(String name) throws LuoException {
        Identified session = find(Kind.OUTGOING);
        if (session != null && name.equals(KernelSession.NAME)) {
            usable.remove(session);
            return session.fd();
        }
        return LiveUpdate.createSession(device(), OpenedDevice.bytes(name));
    }

    @Override
    public synchronized int retrieveSession(String name) throws LuoException {
        Identified session = find(Kind.INCOMING);
        if (session != null) {
            usable.remove(session);
            return session.fd();
        }
        return LiveUpdate.retrieveSession(device(), OpenedDevice.bytes(name));
    }

    private int device() throws LuoException {
        Identified device = find(Kind.DEVICE);
        if (device == null) {
            throw LuoException.of(Errno.ENODEV, "the service manager has handed in a session, and not the device");
        }
        return device.fd();
    }

    private Identified find(Kind kind) {
        return usable.stream().filter(file -> file.kind() == kind).findFirst().orElse(null);
    }
}
