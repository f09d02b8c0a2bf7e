// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.handover.Door;
import org.luo.handover.Rescue;
import org.luo.linux.Fds;
import org.luo.linux.ServiceManager;
import org.luo.spi.PluginState;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fd store as a second line: what is preserved is kept by the service manager as well, a moment after it was preserved,
 * so that a crash of this process does not lose it.
 *
 * <p>Something happens · a {@link Stocktaker} has the orchestrator describe everything and puts it on the {@link Shelf}. A
 * successor goes on where its predecessor stopped: as a door, this passes the latest ledger on. After a crash {@link
 * StoreKeeper} reads what the manager hands in.
 *
 * <p>It is on if there is a manager that says how much it keeps: {@code FDSTORE}, which systemd 254 sets, or {@code
 * LUO_FDSTORE}, which the unit does. Else nothing here runs, and events cost nothing.
 */
@Component(service = Store.class)
public final class Store implements Door, LiveUpdateListener {
    private static final Logger LOG = LoggerFactory.getLogger("luo.systemd");
    private static final Set<Type> CHANGES = EnumSet.of(
            Type.SESSION_CREATED,
            Type.SESSION_FINISHED,
            Type.SESSION_CLOSED,
            Type.SESSION_DROPPED,
            Type.FILE_PRESERVED,
            Type.FILE_UNPRESERVED,
            Type.FILE_FINISHED,
            Type.PLUGIN_ADOPTED,
            Type.PLUGIN_REGISTERED,
            Type.UPDATE_FAILED);

    private static final long LAST_MILLIS = 5000;

    private final Optional<Shelf> shelf;
    private final Optional<ServiceManager> manager;
    private final int most;
    private Rescue source; // guarded by this
    private volatile Stocktaker stocktaker;
    private volatile Refused refused;

    /**
     * What was handed in and could not be taken.
     *
     * @param fds all of it; they stay open
     * @param names what the manager calls it
     * @param why what was wrong with it
     */
    record Refused(List<Integer> fds, Set<String> names, LuoException why) {}

    /** Called by Declarative Services; what is registered here ends with the bundle. */
    @Activate
    public Store(BundleContext context) {
        this(System.getenv());
        if (shelf.isPresent()) {
            context.registerService(
                    new String[] {Door.class.getName(), LiveUpdateListener.class.getName()}, this, null);
            context.addBundleListener((SynchronousBundleListener) this::watchStopping);
            LOG.info("the service manager keeps up to {} against a crash", Amount.of(most, "file"));
        }
    }

    Store(Map<String, String> environment) {
        this.manager = ServiceManager.of(environment);
        this.most = manager.isPresent() ? most(environment) : 0;
        this.shelf = most > 0 ? Optional.of(new Shelf(manager.orElseThrow(), most)) : Optional.empty();
    }

    private static int most(Map<String, String> environment) {
        try {
            return (int) Math.min(ServiceManager.keeps(environment), Ledger.MAX_FILES);
        } catch (LuoException e) {
            LOG.warn("the fd store is not used: {}", e.getMessage());
            return 0;
        }
    }

    /** Before any bundle is stopped: how applications end is not to be kept. */
    private void watchStopping(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING && event.getBundle().getBundleId() == 0) {
            finish();
        }
    }

    @Deactivate
    void deactivate() {
        finish();
        close();
    }

    /** The platform ends in order: what is preserved now is what the manager shall have. Not if a successor has it. */
    private void finish() {
        Stocktaker ending = stocktaker;
        if (ending == null || shelf.orElseThrow().isPaused()) {
            return;
        }
        try {
            ending.await(LAST_MILLIS);
            LOG.info(
                    "the service manager keeps {} for the next start",
                    Amount.of(shelf.get().size(), "file"));
        } catch (LuoException e) {
            LOG.error("the service manager does not keep all that is preserved: {}", e.getMessage());
        }
        stocktaker = null;
        ending.end();
        close();
    }

    /** This process owns sessions: from here on they are kept. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    synchronized void setRescue(Rescue rescue) {
        source = rescue;
        begin();
    }

    private void begin() {
        if (shelf.isPresent() && source != null && refused == null) {
            stocktaker = new Stocktaker(source, shelf.get());
            stocktaker.start();
        }
    }

    /** It owns none any more. */
    synchronized void unsetRescue(Rescue rescue) {
        Stocktaker ending = stocktaker;
        stocktaker = null;
        source = null;
        if (ending != null) {
            ending.end();
        }
    }

    @Override
    public Set<Type> types() {
        return CHANGES;
    }

    @Override
    public void happened(LiveUpdateEvent event) {
        Stocktaker present = stocktaker;
        if (present != null) {
            present.changed();
        }
    }

    /** Whether the manager keeps anything. */
    boolean isOn() {
        return shelf.isPresent();
    }

    /** Goes on with what the manager has handed in, all of which has been taken. */
    void goOn(Ledger ledger, int fd, Set<String> names) {
        if (shelf.isEmpty()) {
            Fds.close(fd);
            return;
        }
        shelf.get().inherit(ledger, fd, names);
        numbers(names).forEach(shelf.get()::atLeast);
    }

    private static Stream<Long> numbers(Set<String> names) {
        return names.stream()
                .filter(Ledger::isLedger)
                .map(name -> name.substring(name.lastIndexOf('-') + 1))
                .filter(number -> number.matches("\\d{1,18}"))
                .map(Long::valueOf);
    }

    /** Has the manager forget what it handed in. */
    void forget(Set<String> names) {
        try {
            if (manager.isPresent()) {
                try (ServiceManager.Conversation conversation = manager.get().connect()) {
                    for (String name : names) {
                        conversation.tell("FDSTOREREMOVE=1\nFDNAME=" + name);
                    }
                }
            }
        } catch (LuoException e) {
            LOG.warn("the service manager goes on to keep what nobody needs: {}", e.getMessage());
        }
    }

    /** What can't be taken is kept; until it is let go nothing else is. */
    void keep(Refused what) {
        refused = what;
    }

    /**
     * Lets go of it, here and at the manager, and begins to keep what there is now.
     *
     * @throws LuoException ENOENT if nothing was refused
     */
    synchronized void discard() throws LuoException {
        Refused gone = refused;
        if (gone == null) {
            throw LuoException.of(Errno.ENOENT, "discard: nothing that the service manager handed in was refused");
        }
        refused = null;
        gone.fds().forEach(Fds::close);
        forget(gone.names());
        shelf.ifPresent(present -> numbers(gone.names()).forEach(present::atLeast));
        begin();
    }

    /** What is kept and could not be taken; null if nothing is. */
    Refused refused() {
        return refused;
    }

    /** How it is doing, for people. */
    Map<String, Object> status() {
        Stocktaker present = stocktaker;
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("on", isOn());
        status.put("most", (long) most);
        status.put("files", (long) shelf.map(Shelf::size).orElse(0));
        status.put("refused", refused == null ? "" : refused.why().getMessage());
        if (present != null) {
            present.describe(status);
        }
        return status;
    }

    /**
     * Returns when the manager has everything that has happened so far.
     *
     * @throws LuoException EOPNOTSUPP if it keeps nothing · what keeping it failed with · ETIMEDOUT
     */
    void await() throws LuoException {
        Stocktaker present = stocktaker;
        if (present == null) {
            throw LuoException.of(Errno.EOPNOTSUPP, "fd store: no service manager keeps anything for this process");
        }
        present.await();
        try (ServiceManager.Conversation conversation = manager.orElseThrow().connect()) {
            conversation.await();
        }
    }

    @Override
    public String name() {
        return "fd-store";
    }

    /** What the predecessor has put there; an fd store has no requests. In the blackout: it is read later. */
    @Override
    public void open(Optional<PluginState> inherited) {
        inherited.ifPresent(state -> shelf.orElseThrow().later(() -> inherit(state)));
    }

    private void inherit(PluginState state) {
        String names = new String(state.data(), StandardCharsets.US_ASCII);
        try {
            int fd = state.fds().isEmpty() ? -1 : state.fds().getFirst();
            Ledger ledger = fd < 0 ? null : Ledger.read(fd);
            Set<String> besides = Set.of(names.isEmpty() ? new String[0] : names.split("\n"));
            if (ledger != null) {
                goOn(ledger, fd, besides);
            } else {
                forget(besides);
            }
        } catch (LuoException | IllegalArgumentException e) {
            Fds.closeAll(state.fds());
            LOG.warn(
                    "what the predecessor has put into the fd store is not known, and stays there: {}", e.getMessage());
        }
    }

    @Override
    public PluginState freeze() {
        Shelf.Inventory inventory = shelf.orElseThrow().pause();
        byte[] names = String.join("\n", inventory.underWay()).getBytes(StandardCharsets.US_ASCII);
        return new PluginState(names, inventory.ledger() < 0 ? List.of() : List.of(inventory.ledger()));
    }

    @Override
    public void unfreeze() {
        shelf.orElseThrow().resume();
    }

    /** It is the successor's. */
    @Override
    public void close() {
        shelf.ifPresent(Shelf::close);
    }
}
