// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon's own commands, asked of a real platform that holds three files in two sessions. */
class AdminIT {
    private static final String HANDLER = "org.luo.handler.memfd";

    private Generations platform;

    @BeforeEach
    void start() throws Exception {
        platform = Generations.start();
        platform.preserve(2, 8192, "vm1", "vm2");
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    @Test
    void whatThereIsIsListed() throws Exception {
        assertThat(platform.status())
                .containsEntry("ready", true)
                .containsEntry("enforcement", "enforced")
                .containsEntry("sessions", 2L)
                .containsEntry("files", 3L)
                .containsEntry("live_updates", 0L);
        assertThat(list("sessions")).extracting("name").containsExactly("vm1", "vm2");
        assertThat(list("sessions")).extracting("direction").containsOnly("outgoing");
        assertThat(list("files")).hasSize(3).extracting("compatible").containsOnly("memfd-p1");
        assertThat(list("files")).extracting("phase").containsOnly("preserved");
        assertThat(memfdHandler()).extracting("files").containsExactly(3L);
        assertThat(list("flbs")).isNotEmpty().extracting("outgoing").containsOnly(0L);
        assertThat(list("bundles")).extracting("state").containsOnly("active");
        assertThat(list("bundles"))
                .filteredOn(bundle -> bundle.get("name").equals(HANDLER))
                .extracting("pinned")
                .containsExactly(3L);
    }

    @Test
    void aPinnedHandlerIsNotStoppedAndNamesItsHolders() throws Exception {
        refused("EBUSY", "3 files preserved: vm1/0x1", "bundle.stop", Map.of("bundle", HANDLER));
        assertThat(memfdHandler()).extracting("status").containsExactly("active");
        platform.call("workload.drop", Map.of());
        assertThat(platform.call("bundle.stop", Map.of("bundle", HANDLER))).containsEntry("state", "resolved");
        assertThat(memfdHandler()).isEmpty();
        assertThat(platform.call("bundle.start", Map.of("bundle", HANDLER))).containsEntry("state", "active");
        assertThat(memfdHandler()).extracting("status").containsExactly("active");
    }

    @Test
    void stoppingIsRefusedWhileFilesWouldBeLostUnlessForced() throws Exception {
        long pid = platform.pid();
        refused("EBUSY", "3 files would be lost", "stop", Map.of());
        platform.call("stop", Map.of("force", true));
        Generations.awaitEnd(pid);
        assertThat(platform.processes()).isEmpty();
    }

    @Test
    void theShellRunsInThePlatform() throws Exception {
        assertThat(platform.call("shell.execute", Map.of("line", "lb -s")).values())
                .anySatisfy(output -> assertThat(output.toString()).contains(HANDLER));
        assertThat(platform.call("shell.execute", Map.of("line", "stop " + HANDLER))
                        .values())
                .anySatisfy(output -> assertThat(output.toString()).contains("3 files preserved"));
        assertThat(memfdHandler()).extracting("status").containsExactly("active");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused("ENOENT", "no bundle 'nobody'", "bundle.stop", Map.of("bundle", "nobody"));
        refused("EOPNOTSUPP", "no handover 'rocket'", "update", Map.of("kind", "rocket"));
        refused("EINVAL", "", "update", Map.of("unheard", "of"));
    }

    private List<Map<String, Object>> memfdHandler() throws Exception {
        return list("handlers").stream()
                .filter(handler -> handler.get("compatible").equals("memfd-p1"))
                .toList();
    }

    private void refused(String errno, String why, String command, Map<String, ?> arguments) {
        assertThatExceptionOfType(Admin.Refusal.class)
                .isThrownBy(() -> platform.call(command, arguments))
                .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(errno))
                .withMessageContaining(why);
    }

    @SuppressWarnings("unchecked") // a list of JSON objects
    private List<Map<String, Object>> list(String command) throws Exception {
        return (List<Map<String, Object>>) platform.call(command, Map.of()).get(command);
    }
}
