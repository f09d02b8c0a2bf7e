// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

class NoProcessLeftTest {
    private static ProcessHandle started;

    /** A process that is nobody's child any more, as a successor is. */
    private static void startAnOrphan() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 60 >&- & echo $!").start();
        started = ProcessHandle.of(
                        Long.parseLong(parent.inputReader().readAllAsString().strip()))
                .orElseThrow();
        assertThat(parent.waitFor()).isZero();
    }

    static class Careless {
        @RegisterExtension
        static final NoProcessLeft EXTENSION = new NoProcessLeft(Duration.ofMillis(100));

        @Test
        void starts() throws Exception {
            startAnOrphan();
        }
    }

    static class Careful extends Careless {
        @AfterAll
        static void end() {
            started.destroy();
        }
    }

    private static List<String> failures(Class<?> test) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(test))
                .execute()
                .allEvents()
                .failed()
                .stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow()
                        .getMessage())
                .toList();
    }

    @Test
    void whatAClassLeavesBehindFailsItByNameAndIsKilled() throws Exception {
        assertThat(failures(Careless.class))
                .singleElement()
                .asString()
                .contains("Careless", started.pid() + " sleep 60");
        for (int i = 0; i < 1000 && started.info().command().isPresent(); i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(started.info().command()).as("what runs in it").isEmpty();
    }

    @Test
    void whatAClassEndsByItselfIsNoFailure() {
        assertThat(failures(Careful.class)).isEmpty();
    }
}
