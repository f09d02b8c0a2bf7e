// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;

/**
 * A double of the kernel: sessions are eventfds, and what they keep are other fds of the files. {@link #reboot} does not
 * boot: it makes what was outgoing incoming, and throws to get out of the predecessor.
 */
final class InMemoryKernel implements LiveUpdateKernel, AutoCloseable {
    final List<String> calls = new ArrayList<>();
    final Map<String, Session> incoming = new HashMap<>();
    final List<Integer> retrieved = new ArrayList<>();
    String way = "by opening /dev/liveupdate";
    boolean bootsElsewhere;
    Errno refusesSessions;
    Errno refusesReboot;
    FileIdentity refusesFile;
    Errno refusesFileWith = Errno.ENOENT;
    private final Map<Integer, Session> byFd = new LinkedHashMap<>();

    /** What a session keeps, by token. */
    record Session(String name, Map<Long, Integer> files) {
        void close() {
            files.values().forEach(Fds::close);
            files.clear();
        }
    }

    /** Thrown by a reboot that went well. */
    static final class Booted extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Override
    public int createSession(String name) throws LuoException {
        calls.add("create " + name);
        if (refusesSessions != null) {
            throw LuoException.of(refusesSessions, "there is no /dev/liveupdate: no");
        }
        return open(new Session(name, new LinkedHashMap<>()));
    }

    private int open(Session session) throws LuoException {
        int fd = EventFd.create().fd(); // closed by whoever gets it
        Session closed = byFd.put(fd, session);
        if (closed != null && !incoming.containsValue(closed)) {
            closed.close();
        }
        return fd;
    }

    @Override
    public int retrieveSession(String name) throws LuoException {
        calls.add("retrieve " + name);
        Session session = incoming.get(name);
        if (session == null) {
            throw LuoException.of(refusesSessions == null ? Errno.ENOENT : refusesSessions, "no session " + name);
        }
        retrieved.add(open(session));
        return retrieved.getLast();
    }

    @Override
    public void preserve(int session, int fd, long token) throws LuoException {
        Stat stat = Stat.of(fd);
        if (new FileIdentity(stat.device(), stat.inode()).equals(refusesFile)) {
            throw LuoException.of(refusesFileWith, "no");
        }
        if (byFd.get(session).files().putIfAbsent(token, Fds.duplicate(fd)) != null) {
            throw LuoException.of(Errno.EEXIST, "token " + token);
        }
    }

    @Override
    public int retrieve(int session, long token) throws LuoException {
        Integer fd = byFd.get(session).files().get(token);
        if (fd == null) {
            throw LuoException.of(Errno.ENOENT, "token " + token);
        }
        return Fds.duplicate(fd);
    }

    @Override
    public void finish(int session) {
        calls.add("finish");
        incoming.remove(byFd.get(session).name());
        byFd.get(session).close();
    }

    @Override
    public void reboot() throws LuoException {
        calls.add("reboot");
        if (refusesReboot != null) {
            throw LuoException.of(refusesReboot, "kexec: no");
        }
        handOn();
        throw new Booted();
    }

    @Override
    public void close(int session) {
        Fds.close(session);
    }

    @Override
    public String way() {
        return way;
    }

    @Override
    public boolean canAsk() {
        return !bootsElsewhere;
    }

    @Override
    public boolean bootsElsewhere() {
        return bootsElsewhere;
    }

    @Override
    public long handOn(int session) {
        calls.add("hold");
        handOn();
        return 4711;
    }

    private void handOn() {
        byFd.values().stream()
                .filter(session -> session.name().equals(KernelSession.NAME))
                .forEach(session -> incoming.put(session.name(), session));
        byFd.clear();
    }

    /** What outgoing sessions keep whose fds are open. */
    Map<Long, Integer> kept() {
        Map<Long, Integer> kept = new HashMap<>();
        byFd.forEach((fd, session) -> {
            if (Fds.isOpen(fd)) {
                kept.putAll(session.files());
            }
        });
        return kept;
    }

    @Override
    public void close() {
        byFd.values().forEach(Session::close);
        incoming.values().forEach(Session::close);
    }
}
