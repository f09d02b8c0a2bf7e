// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;

/** What monitoring sees. */
final class OrchestratorBeanTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Test
    void monitoringSeesStateCountsAndStatistics() throws Exception {
        Platform platform = Platform.serving();
        platform.handler("memfd");
        platform.session("vm1", "a", "b");
        platform = platform.update(platform.successor("memfd"));
        platform.session("vm2");
        ObjectName name = new ObjectName(OrchestratorMXBean.NAME);
        OrchestratorBean bean = new OrchestratorBean(platform.orchestrator);
        bean.register();
        OrchestratorMXBean seen = JMX.newMXBeanProxy(server, name, OrchestratorMXBean.class);
        assertThat(seen.getState()).isEqualTo("updated");
        assertThat(seen.getLiveUpdates()).isEqualTo(1);
        assertThat(seen.getOutgoingSessions()).isEqualTo(1);
        assertThat(seen.getIncomingSessions()).isEqualTo(1);
        assertThat(seen.getFiles()).isEqualTo(2);
        CompositeData statistics = (CompositeData) server.getAttribute(name, "Statistics");
        assertThat(statistics.get("done")).isEqualTo(1L);
        assertThat((CompositeData[]) statistics.get("phases"))
                .extracting(phase -> phase.get("name"))
                .contains("freeze", "blackout");
        bean.deactivate();
        assertThat(server.isRegistered(name)).isFalse();
        bean.register();
        assertThat(server.isRegistered(name)).isFalse();
    }

    @Test
    void aSecondOneGoesOnWithout() throws Exception {
        Platform platform = Platform.serving();
        ObjectName name = new ObjectName(OrchestratorMXBean.NAME);
        OrchestratorBean first = new OrchestratorBean(platform.orchestrator);
        OrchestratorBean second = new OrchestratorBean(platform.orchestrator);
        first.register();
        second.register();
        second.deactivate();
        assertThat(server.isRegistered(name)).isTrue();
        first.deactivate();
    }
}
