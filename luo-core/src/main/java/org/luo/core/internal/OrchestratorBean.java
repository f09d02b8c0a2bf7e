// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.luo.Direction;
import org.luo.Orchestrator;
import org.luo.Statistics;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the orchestrator to monitoring while this process owns the sessions. Starting the JVM's bean server takes a while,
 * so it is done on a thread of its own, on which nobody waits.
 */
@Component(
        service = {},
        immediate = true)
public final class OrchestratorBean implements OrchestratorMXBean {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Orchestrator orchestrator;
    private boolean active = true; // guarded by this
    private ObjectName registered; // guarded by this

    /** Made while there is an orchestrator. */
    @Activate
    public OrchestratorBean(@Reference Orchestrator orchestrator) {
        this.orchestrator = orchestrator;
    }

    @Activate
    void activate() {
        Thread.ofPlatform().daemon().name("luo-jmx").start(this::register);
    }

    synchronized void register() {
        if (!active) {
            return;
        }
        try {
            ObjectName name = new ObjectName(NAME);
            server().registerMBean(this, name);
            registered = name;
        } catch (JMException e) {
            LOG.warn("no bean {}, going on without: {}", NAME, e.toString());
        }
    }

    @Deactivate
    synchronized void deactivate() {
        active = false;
        if (registered == null) {
            return;
        }
        try {
            server().unregisterMBean(registered);
        } catch (JMException e) {
            LOG.warn("bean {} stays behind: {}", NAME, e.toString());
        }
        registered = null;
    }

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    @Override
    public String getState() {
        return orchestrator.state().toString();
    }

    @Override
    public long getLiveUpdates() {
        return orchestrator.liveUpdates();
    }

    @Override
    public int getOutgoingSessions() {
        return sessions(Direction.OUTGOING);
    }

    @Override
    public int getIncomingSessions() {
        return sessions(Direction.INCOMING);
    }

    private int sessions(Direction direction) {
        return (int) orchestrator.sessions().stream()
                .filter(session -> session.direction() == direction)
                .count();
    }

    @Override
    public int getFiles() {
        return orchestrator.sessions().stream()
                .mapToInt(session -> session.files())
                .sum();
    }

    @Override
    public Statistics getStatistics() {
        return orchestrator.statistics();
    }
}
