// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.handover.Keeper;
import org.luo.linux.Fds;
import org.luo.linux.ListenFds;
import org.luo.linux.ListenFds.Named;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service manager hands in after a crash, taken whole or not at all: the latest ledger, and every file that it
 * names, each by its own name and the file that it was. What is there besides was about to go when the process died.
 */
@Component
public final class StoreKeeper implements Keeper {
    private static final Logger LOG = LoggerFactory.getLogger("luo.systemd");

    private final Store store;
    private final Map<String, String> environment;

    /** Called by Declarative Services. */
    @Activate
    public StoreKeeper(@Reference Store store) {
        this(store, System.getenv());
    }

    StoreKeeper(Store store, Map<String, String> environment) {
        this.store = store;
        this.environment = environment;
    }

    @Override
    public String name() {
        return "fdstore";
    }

    @Override
    public Outcome restore(IncomingSide incoming) {
        return restore(handedIn(), incoming);
    }

    Outcome restore(List<Named> handedIn, IncomingSide incoming) {
        if (handedIn.isEmpty()) {
            return Outcome.NOTHING;
        }
        List<Integer> made = new ArrayList<>();
        try {
            take(handedIn, incoming, made);
            return Outcome.TAKEN;
        } catch (LuoException e) {
            refuse(handedIn, e);
        } catch (RuntimeException | Error e) {
            LOG.error("taking what the service manager has kept failed", e);
            refuse(handedIn, LuoException.of(Errno.EIO, e.toString(), e));
        }
        Fds.closeAll(made);
        return Outcome.REFUSED;
    }

    @Override
    public void served() {
        if (store.isOn() && store.refused() == null) {
            try {
                store.await();
            } catch (LuoException e) {
                LOG.warn("what came over is served, and not kept against a crash yet: {}", e.getMessage());
            }
        }
    }

    private List<Named> handedIn() {
        try {
            return ListenFds.of(environment, ProcessHandle.current().pid()).stream()
                    .filter(file -> Ledger.isOurs(file.name()))
                    .toList();
        } catch (LuoException e) {
            LOG.error("what the service manager hands in can't be told: {}", e.getMessage());
            return List.of();
        }
    }

    /** @param made where fds are put that were opened here */
    private void take(List<Named> handedIn, IncomingSide incoming, List<Integer> made) throws LuoException {
        Map<String, Integer> byName = byName(handedIn);
        Ledger ledger = latest(byName);
        List<OpenFile> files = files(ledger, byName, made);
        incoming.deserialize(new Image(ledger.image(), files, false, true));
        int fd = byName.get(Ledger.name(ledger.sequence()));
        Set<Integer> kept = new HashSet<>(files.stream().map(OpenFile::fd).toList());
        byName.values().stream()
                .filter(other -> other != fd && !kept.contains(other))
                .forEach(Fds::close);
        store.goOn(ledger, fd, byName.keySet());
        LOG.warn(
                "the platform before has crashed or was restarted; the service manager had kept {}, image of"
                        + " {} bytes, and all of it is here",
                Amount.of(files.size(), "open file"),
                ledger.image().remaining());
    }

    private static Map<String, Integer> byName(List<Named> handedIn) throws LuoException {
        Map<String, Integer> byName = new HashMap<>();
        for (Named file : handedIn) {
            if (byName.put(file.name(), file.fd()) != null) {
                throw malformed("two files are called " + printable(file.name()));
            }
        }
        return byName;
    }

    /** A ledger is never changed, so one that can't be read is nobody's mistake but somebody else's work. */
    private static Ledger latest(Map<String, Integer> byName) throws LuoException {
        Ledger latest = null;
        for (Map.Entry<String, Integer> each : byName.entrySet()) {
            if (Ledger.isLedger(each.getKey())) {
                Ledger ledger = Ledger.read(each.getValue());
                if (!each.getKey().equals(Ledger.name(ledger.sequence()))) {
                    throw malformed(printable(each.getKey()) + " is ledger " + ledger.sequence());
                }
                latest = latest == null || ledger.sequence() > latest.sequence() ? ledger : latest;
            }
        }
        if (latest == null) {
            throw malformed(Amount.of(byName.size(), "file") + " without a ledger");
        }
        return latest;
    }

    private static List<OpenFile> files(Ledger ledger, Map<String, Integer> byName, List<Integer> made)
            throws LuoException {
        List<OpenFile> files = new ArrayList<>(ledger.files().size());
        Set<FileIdentity> seen = new HashSet<>();
        for (FileIdentity expected : ledger.files()) {
            Integer fd = byName.get(Ledger.name(expected));
            if (fd == null) {
                throw malformed("of " + Amount.of(ledger.files().size(), "file") + " that ledger " + ledger.sequence()
                        + " names, " + Ledger.name(expected) + " is missing");
            }
            Stat stat = Stat.of(fd);
            FileIdentity found = new FileIdentity(stat.device(), stat.inode());
            if (!found.equals(expected)) {
                throw malformed(Ledger.name(expected) + " is " + found + "; after a kexec no file is the same");
            }
            if (!seen.add(found)) {
                fd = Fds.duplicate(fd);
                made.add(fd);
            }
            files.add(new OpenFile(fd, found));
        }
        return files;
    }

    private static LuoException malformed(String what) {
        return LuoException.of(Errno.EBADMSG, "fd store: " + what);
    }

    private static String printable(String name) {
        return name.replaceAll("[^ -~]", "?");
    }

    private void refuse(List<Named> handedIn, LuoException why) {
        store.keep(new Store.Refused(
                handedIn.stream().map(Named::fd).toList(),
                new HashSet<>(handedIn.stream().map(Named::name).toList()),
                why));
        LOG.error(
                "what the service manager has kept is refused whole: {}; it is still there, and nothing is kept"
                        + " against a crash until it is let go: luo call fdstore.discard",
                why.getMessage());
    }

    @Override
    public void superseded() {
        List<Named> handedIn = handedIn();
        if (!handedIn.isEmpty()) {
            LOG.warn(
                    "what the service manager has kept is out of date, and let go: {}",
                    Amount.of(handedIn.size(), "file"));
            handedIn.forEach(file -> Fds.close(file.fd()));
            store.forget(new HashSet<>(handedIn.stream().map(Named::name).toList()));
        }
    }
}
