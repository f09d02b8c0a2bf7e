// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.luo.Compatible;
import org.luo.FileInfo;
import org.luo.LuoException;
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
 * <p>Lock order: gate → session → FLB → leaves (session table, preserved files, pin table, registries). Plug-ins are
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

        /** A successor owns them; this process is to leave. */
        default void relinquished() {}
    }

    private final FileDescriptors fds;
    private final PinTable pins;
    private final Owner self;
    private final Host host;

    private final Gate gate = new Gate();
    private final SessionTable sessions = new SessionTable();
    private final PreservedFiles preserved = new PreservedFiles();
    private final Registry<FileHandler> handlers = new Registry<>("file handler", Integer.MAX_VALUE);
    private final Registry<Flb<?>> flbs = new Registry<>("FLB", MAX_FLBS);
    private final FlbTable flbTable;
    private final Doors doors;
    private final Preserver preserver = new Preserver(this);
    private final Departure departure = new Departure(this);
    private final Arrival arrival = new Arrival(this);
    private volatile long liveUpdates;

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
        this.doors = new Doors(fds);
    }

    /** Where file handlers register. */
    public Registry<FileHandler> handlers() {
        return handlers;
    }

    /** Where FLBs register. */
    public Registry<Flb<?>> flbs() {
        return flbs;
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

    /** Begins to own and serve sessions: those that arrived, or none. */
    public void serve() throws LuoException {
        gate.serve();
        gate.enter();
        try {
            flbTable.incoming().forEach(IncomingFlb::finishIfUnused);
        } finally {
            gate.leave();
        }
        doors.open();
    }

    /** Shows the orchestrator to the applications. */
    public void publish() {
        host.serving();
    }

    /** Everything that came over, checked and built; nobody has seen it yet. */
    void arrive(Contents contents, List<IncomingSessionImpl> arrived, Map<Compatible, IncomingFlb> arrivedFlbs) {
        liveUpdates = contents.number();
        sessions.addAll(arrived);
        flbTable.incoming(arrivedFlbs);
        doors.inherit(contents.doors());
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
        flbTable.incoming().forEach(IncomingFlb::letGo);
        host.relinquished();
    }

    /** What every session holds. */
    List<FileInfo> fileInfos() {
        List<FileInfo> infos = new ArrayList<>();
        sessions.outgoing().forEach(session -> infos.addAll(session.infos()));
        sessions.incoming().forEach(session -> infos.addAll(session.infos()));
        return infos;
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

    Preserver preserver() {
        return preserver;
    }

    Departure departure() {
        return departure;
    }
}
