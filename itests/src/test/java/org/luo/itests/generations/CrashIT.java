// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A platform under a service manager: what it is told, and that kill -9 loses nothing of what is preserved. */
class CrashIT {
    private static final int FILES = 300;
    private static final int DESCRIPTION = 1;
    private static final List<String> DOORS = List.of("admin.sock", "liveupdate", "agent.sock");

    private TestManager manager;

    @BeforeEach
    void start() throws Exception {
        manager = new TestManager();
        manager.start();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private void preserve() throws Exception {
        manager.call(
                "workload.preserve",
                Map.of("files", FILES, "bytes", FILES * 5000L, "sessions", List.of("vm1", "vm2", "empty")));
        manager.call("workload.write");
    }

    private void crash() throws Exception {
        manager.kill();
        manager.start();
    }

    private void assertEverythingIsThere() throws Exception {
        assertThat(manager.call("workload.verify"))
                .containsEntry("files", (long) FILES)
                .containsEntry("same_inode", (long) FILES)
                .containsEntry("mismatch_count", 0L);
    }

    private void await(Callable<Boolean> condition) throws Exception {
        for (int tenths = 0; !condition.call(); tenths++) {
            assertThat(tenths).as(manager::log).isLessThan(200);
            Thread.sleep(100);
        }
    }

    private void assertKept(int files) throws Exception {
        manager.call("fdstore.sync");
        assertThat(manager.kept().keySet())
                .filteredOn(name -> name.startsWith("luo-file-"))
                .hasSize(files);
        assertThat(manager.kept().keySet())
                .filteredOn(name -> name.startsWith("luo-state-"))
                .hasSize(1);
        assertThat(manager.kept()).hasSize(files + 1);
    }

    @Test
    void killedAndStartedAgainEverythingIsThere() throws Exception {
        preserve();
        assertKept(FILES + DESCRIPTION);
        crash();
        assertThat(manager.log()).contains("the service manager had kept 301 open files");
        assertThat(manager.call("sessions").toString())
                .contains("name=vm1, direction=incoming", "name=vm2, direction=incoming", "name=empty");
        assertEverythingIsThere();
        assertThat(manager.call("status")).containsEntry("live_updates", 0L).containsEntry("files", FILES + 1L);
        assertThat(manager.call("stats")).containsEntry("recovered", 1L).containsEntry("done", 0L);

        crash(); // nothing has been claimed
        assertEverythingIsThere();
        assertThat(manager.call("stats")).containsEntry("recovered", 2L);
        manager.call("workload.finish");
        assertKept(0);
        crash();
        assertThat(manager.call("status")).containsEntry("sessions", 0L);
    }

    @Test
    void afterALiveUpdateTheSuccessorsCrashLosesNothingEither() throws Exception {
        long predecessor = manager.main();
        preserve();
        manager.call("update", Map.of("rehearsal", "20"));
        long successor = Long.parseLong(manager.await("MAINPID=").substring("MAINPID=".length()));
        assertThat(successor)
                .isNotEqualTo(predecessor)
                .isEqualTo(manager.call("status").get("pid"));
        assertThat(manager.told()).doesNotContain("STOPPING=1");
        Generations.awaitEnd(predecessor);
        manager.follow(successor);
        assertKept(FILES + DESCRIPTION);
        crash();
        assertThat(manager.call("stats"))
                .containsEntry("done", 1L)
                .containsEntry("recovered", 1L)
                .containsEntry("kinds", Map.of("process", 1L));
        manager.call("update", Map.of("rehearsal", "20"));
        manager.follow(Long.parseLong(manager.await("MAINPID=").substring("MAINPID=".length())));
        assertEverythingIsThere();
        assertThat(manager.call("stats")).containsEntry("kinds", Map.of("process", 2L));
        assertThat(Files.readString(manager.dir().resolve("live_update_count"))).isEqualTo("2\n");
        manager.call("workload.finish");
        assertKept(0);
    }

    @Test
    void aFileThatTheManagerHasLostRefusesAllOfThemAndIsSaid() throws Exception {
        preserve();
        assertKept(FILES + DESCRIPTION);
        manager.kill();
        manager.lose("luo-file-");
        manager.start();
        assertThat(manager.call("status")).containsEntry("sessions", 0L).containsEntry("files", 0L);
        assertThat(manager.call("fdstore").get("refused").toString()).contains("of 301 files", "is missing");
        assertThat(manager.kept()).as("for somebody to look at").hasSize(FILES + DESCRIPTION);
        manager.call("fdstore.discard");
        assertKept(0);
        assertThat(manager.call("fdstore")).containsEntry("refused", "");
    }

    /** With no door open nobody can ask, but nothing ends; each opens when the cause is gone. */
    @Test
    void doorsThatDoNotOpenAfterACrashCostNothing() throws Exception {
        preserve();
        assertKept(FILES + DESCRIPTION);
        manager.kill();
        for (String door : DOORS) {
            Files.delete(manager.dir().resolve(door));
            Files.createDirectory(manager.dir().resolve(door));
        }
        manager.launch();
        assertThat(manager.log())
                .containsPattern("ERROR .*door admin is shut.*/admin.sock: what is there is no socket; move it away")
                .containsPattern("ERROR .*door device is shut")
                .containsPattern("ERROR .*door agent is shut");
        Files.delete(manager.dir().resolve("admin.sock"));
        await(() -> manager.log().contains("door admin is open at last"));
        manager.awaitServing();
        assertThat(manager.call("doors").toString())
                .contains("open=[fd-store, admin]", "name=device", "name=agent", "EEXIST");
        assertEverythingIsThere();
        assertKept(FILES + DESCRIPTION);
        for (String door : DOORS.subList(1, DOORS.size())) {
            Files.delete(manager.dir().resolve(door));
        }
        await(() -> manager.call("doors").get("shut").equals(List.of()));
        crash();
        assertEverythingIsThere();
    }

    @Test
    void itIsToldHowThePlatformIsDoing() throws Exception {
        assertThat(manager.await("WATCHDOG=1")).isEqualTo("WATCHDOG=1");
        assertThat(manager.await("STATUS=")).isEqualTo("STATUS=normal: 0 sessions, 0 files; live update 0");
        preserve();
        manager.await("STATUS=normal: 3 sessions, 301 files; live update 0");
        ProcessHandle.of(manager.main()).orElseThrow().destroy();
        manager.await("STOPPING=1");
        Generations.awaitEnd(manager.main());
        assertThat(manager.kept()).as("an end is no loss").hasSize(FILES + DESCRIPTION + 1);
        manager.start();
        assertEverythingIsThere();
    }
}
