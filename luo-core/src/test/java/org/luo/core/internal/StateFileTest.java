// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LiveUpdateState;

/** The state as a file, for shells and watchers. */
final class StateFileTest {
    @TempDir
    private Path dir;

    private StateFile file;
    private Platform platform;

    @BeforeEach
    void serving() throws Exception {
        file = new StateFile(dir);
        platform = Platform.serving(new Core.Host() {
            @Override
            public void moved(LiveUpdateState from, LiveUpdateState to) {
                file.moved(to);
            }

            @Override
            public void settle() {
                file.settle();
            }
        });
        file.serving(platform.orchestrator.state(), 3);
    }

    private String state() throws Exception {
        return Files.readString(dir.resolve("state"));
    }

    @Test
    void itSaysTheStateAndTheCountEachWithANewline() throws Exception {
        assertThat(state()).isEqualTo("normal\n");
        assertThat(dir.resolve("live_update_count")).hasContent("3\n");
        platform.orchestrator.prepare();
        assertThat(state()).isEqualTo("prepared\n");
        platform.orchestrator.freeze();
        assertThat(state()).isEqualTo("frozen\n");
        platform.orchestrator.cancel();
        assertThat(state()).isEqualTo("normal\n");
    }

    @Test
    void aWatcherSeesEveryChange() throws Exception {
        try (WatchService watcher = dir.getFileSystem().newWatchService()) {
            dir.register(watcher, ENTRY_CREATE, ENTRY_MODIFY);
            platform.orchestrator.prepare();
            awaitState(watcher, "prepared\n");
            platform.orchestrator.freeze();
            awaitState(watcher, "frozen\n");
            platform.orchestrator.cancel();
            awaitState(watcher, "normal\n");
        }
    }

    private void awaitState(WatchService watcher, String expected) throws Exception {
        boolean changed = false;
        while (!changed) {
            WatchKey key = watcher.poll(20, TimeUnit.SECONDS);
            assertThat(key).as("no change of state was seen").isNotNull();
            changed =
                    key.pollEvents().stream().anyMatch(event -> event.context().equals(Path.of("state")));
            key.reset();
        }
        assertThat(state()).isEqualTo(expected);
    }

    @Test
    void whoHasHandedOverLeavesTheFilesToTheSuccessor() throws Exception {
        file.relinquished();
        new StateFile(dir).serving(LiveUpdateState.UPDATED, 4);
        file.moved(LiveUpdateState.NORMAL);
        file.remove();
        assertThat(state()).isEqualTo("updated\n");
        assertThat(dir.resolve("live_update_count")).hasContent("4\n");
    }

    @Test
    void nothingStaysWhenThePlatformEnds() throws Exception {
        platform.orchestrator.prepare();
        file.remove();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aRehearsalLeavesEverythingAsItWas() throws Exception {
        file.rehearse();
        assertThat(dir.toFile().list()).containsExactlyInAnyOrder("state", "live_update_count");
        assertThat(state()).isEqualTo("normal\n");
    }

    @Test
    void whatCannotBeWrittenChangesNothing() throws Exception {
        file.remove();
        file = new StateFile(dir.resolve("missing"));
        file.serving(LiveUpdateState.NORMAL, 0);
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        platform.orchestrator.cancel();
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }
}
