// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.luo.FileInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.image.Contents;
import org.luo.handover.IncomingSide;
import org.luo.handover.OutgoingSide;
import org.luo.pin.PinTable;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.FlbReferences;

/**
 * The orchestrator without a framework: everything that sessions share, put together.
 *
 * <p>Lock order: turn of the state machine → gate → session → FLB → leaves (session table, preserved files, pin table, registries). Plug-ins are
 * called under the session's or the FLB's lock only.
 */
public final class Core {
    private static final int MAX_FLBS = 63;

    /** Told when this process begins and ends owning sessions. */
    public interface Host {
        /** Nobody needs to be told. */
        Host NONE = new Host() {};

        /** This process owns sessions, and applications may know. */
        default void serving() {}

        /** The state has changed, in the blackout if to FROZEN. Must not fail nor take long. */
        default void moved(LiveUpdateState from, LiveUpdateState to) {}

        /** Does what {@link #moved} has put off. In the blackout, while the successor is busy. */
        default void settle() {}

        /** Runs what {@link #moved} will run, so that it is quick then. Changes nothing. */
        default void rehearse() {}

        /** A successor owns them; this process is to leave. */
        default void relinquished() {}

        /** A door has not opened: somebody is to call {@link Doors#tryAgain} from time to time. */
        default void doorShut() {}

        /** Runs a task where it may wait for callbacks: whoever registers a plug-in must not. */
        default void later(Runnable task) {
            task.run();
        }
    }

    private final FileDescriptors fds;
    private final PinTable pins;
    private final Owner self;
    private final Host host;

    private final Gate gate = new Gate();
    private final SessionTable sessions = new SessionTable();
    private final PreservedFiles preserved = new PreservedFiles();
    private final Events events = new Events();
    private final Registry<FileHandler> handlers =
            new Registry<>("file handler", Integer.MAX_VALUE, events, this::pluginCame);
    private final Registry<Flb<?>> flbs = new Registry<>("FLB", MAX_FLBS, events, this::pluginCame);
    private final FlbTable flbTable;
    private final Doors doors;
    private final Preserver preserver = new Preserver(this);
    private final Departure departure = new Departure(this);
    private final Arrival arrival = new Arrival(this);
    private final Adopter adopter = new Adopter(this);
    private final StateMachine states = new StateMachine(this);
    private final Subsystems subsystems;
    private volatile long liveUpdates;
    private volatile DraftFds drafted;
    private volatile Duration patience = Duration.ofSeconds(10);
    private volatile Duration callTimeout = Duration.ofSeconds(60);
    private volatile Watchdog watchdog = new Watchdog(this);

    /**
     * @param fds what is done with fds
     * @param pins the pin table
     * @param self the core's own bundle, pinned as well while files are preserved
     * @param host told when this process begins and ends owning sessions
     */
    public Core(FileDescriptors fds, PinTable pins, Owner self, Host host) {
        this.fds = fds;
        this.pins = pins;
        this.self = self;
        this.host = host;
        this.flbTable = new FlbTable(this);
        this.doors = new Doors(fds, host::doorShut);
        this.subsystems = new Subsystems(this);
        keepFds().close();
    }

    /** Where file handlers register. */
    public Registry<FileHandler> handlers() {
        return handlers;
    }

    /** Where FLBs register. */
    public Registry<Flb<?>> flbs() {
        return flbs;
    }

    /** Where subsystems register. */
    public Subsystems subsystems() {
        return subsystems;
    }

    /** Where listeners register. */
    public Events events() {
        return events;
    }

    /** Where doors register. */
    public Doors doors() {
        return doors;
    }

    /** The counted references to FLB objects. */
    public FlbReferences flbReferences() {
        return flbTable;
    }

    /** What a handover uses before the live update. */
    public OutgoingSide outgoing() {
        return departure;
    }

    /** What a handover uses after it. */
    public IncomingSide incoming() {
        return arrival;
    }

    /**
     * Begins to own and serve sessions: those that arrived, or none. Nobody else has them any more, so a door that does
     * not open is no reason to end: it is tried again, and what came over can be had by the others.
     */
    public void serve() throws LuoException {
        own();
        doors.open();
        served();
    }

    /**
     * As {@link #serve}, in a successor: its predecessor goes on with everything if a door does not open, and this process
     * ends, or if there is none any more goes on without it.
     */
    void succeed() throws LuoException {
        own();
        doors.open();
        doors.requireAll();
        served();
    }

    private void own() throws LuoException {
        gate.serve();
        gate.enter();
        try {
            flbTable.incoming().forEach(IncomingFlb::finishIfUnused);
        } finally {
            gate.leave();
        }
    }

    private void served() {
        states.clock().serving();
        pluginCame();
    }

    /** Never serves: live update is switched off here. */
    public void switchOff() throws LuoException {
        gate.switchOff();
        doors.open();
    }

    /** Begins to look for callbacks that hang in clients' calls. Undo: {@link #close}. */
    public void watch() {
        watchdog = Watchdog.start(this);
    }

    /** Looks no longer. */
    public void close() {
        watchdog.stop();
    }

    /** Shows the orchestrator to the applications. */
    public void publish() {
        host.serving();
        if (liveUpdates > 0 && !states.clock().hasCrashed()) {
            events.tell(Type.UPDATE_DONE, "", "number", liveUpdates);
        }
    }

    /** Everything that came over, checked and built; nobody has seen it yet. */
    void arrive(Deserialized all) {
        Contents contents = all.contents();
        List<IncomingSessionImpl> arrived = all.sessions();
        CoreState state = all.core();
        liveUpdates = contents.number();
        sessions.addAll(arrived);
        flbTable.incoming(all.flbs());
        doors.inherit(contents.doors());
        subsystems.inherit(contents.states());
        arrived.forEach(session -> session.carried(state.carried().getOrDefault(session.name(), 0)));
        relate(state.dependencies(), arrived);
        states.clock().inherit(state, all.counts());
        states.arrived(arrived.size());
    }

    /** What has arrived was left by a crash: no live update has led here. */
    void arrivedFromCrash() {
        liveUpdates = liveUpdates - 1;
        states.clock().crashed();
    }

    private static void relate(List<Dependency> dependencies, List<IncomingSessionImpl> arrived) {
        if (dependencies.isEmpty()) {
            return;
        }
        Map<SessionName, IncomingSessionImpl> byName = new HashMap<>();
        arrived.forEach(session -> byName.put(session.name(), session));
        for (Dependency dependency : dependencies) {
            IncomingSessionImpl dependant = byName.get(dependency.dependant().session());
            IncomingSessionImpl needed = byName.get(dependency.needed().session());
            if (dependant != null && needed != null) {
                dependant.relate(
                        dependency.dependant().token(),
                        new NeededFile(needed, dependency.needed().token()));
            }
        }
    }

    private void pluginCame() {
        if (adopter.want()) {
            host.later(states.settlement()::settle);
        }
    }

    /** Closes every fd and takes every pin away, since the successor has them; the gate is shut for good. */
    void letGo() {
        for (OutgoingSessionImpl session : sessions.outgoing()) {
            for (OutgoingFile file : session.files()) {
                file.pins.drop();
                file.slot.release();
                fds.close(file.fd);
            }
        }
        for (IncomingSessionImpl session : sessions.incoming()) {
            for (IncomingFile file : session.files()) {
                file.pins.drop();
                file.slot.release();
                file.closeFds(this);
            }
        }
        flbTable.letGo();
        subsystems.letGo();
        host.relinquished();
    }

    /** Keeps the fds open that would be closed, as long as a draft needs them. */
    DraftFds keepFds() {
        drafted = new DraftFds(fds);
        return drafted;
    }

    /** Closes an fd of the core's, which may be in a draft. */
    void close(int fd) {
        if (!drafted.take(fd)) {
            fds.close(fd);
        }
    }

    /** What every session holds. */
    List<FileInfo> fileInfos() {
        List<FileInfo> infos = new ArrayList<>();
        sessions.outgoing().forEach(session -> infos.addAll(session.infos()));
        sessions.incoming().forEach(session -> infos.addAll(session.infos()));
        return infos;
    }

    /** Sets how long a live update or an adoption waits for one callback of a plug-in before it gives up. */
    public void patience(Duration time) {
        patience = time;
    }

    Duration patience() {
        return patience;
    }

    /** Sets how long a client's call may wait for one callback of a plug-in before it fails. */
    public void callTimeout(Duration time) {
        callTimeout = time;
    }

    Duration callTimeout() {
        return callTimeout;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    StateMachine states() {
        return states;
    }

    Host host() {
        return host;
    }

    Owner self() {
        return self;
    }

    long liveUpdates() {
        return liveUpdates;
    }

    Gate gate() {
        return gate;
    }

    SessionTable sessions() {
        return sessions;
    }

    PreservedFiles preserved() {
        return preserved;
    }

    PinTable pins() {
        return pins;
    }

    FileDescriptors fds() {
        return fds;
    }

    FlbTable flbTable() {
        return flbTable;
    }

    Adopter adopter() {
        return adopter;
    }

    Preserver preserver() {
        return preserver;
    }

    Departure departure() {
        return departure;
    }
}
