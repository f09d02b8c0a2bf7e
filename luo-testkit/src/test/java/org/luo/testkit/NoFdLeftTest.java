// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

class NoFdLeftTest {
    private static InputStream left;

    @ExtendWith(NoFdLeft.class)
    static class Opening {
        @Test
        void andClosing() throws Exception {
            Files.newInputStream(Path.of("/proc/self/status")).close();
        }

        @Test
        void andLeaving() throws Exception {
            left = Files.newInputStream(Path.of("/proc/self/status"));
        }
    }

    private static List<String> failures(String test) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Opening.class, test))
                .execute()
                .testEvents()
                .failed()
                .stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow()
                        .getMessage())
                .toList();
    }

    @Test
    void anFdThatIsLeftFailsTheTestWithWhatItShows() throws Exception {
        assertThat(failures("andLeaving")).singleElement().asString().contains("/status");
        left.close();
    }

    @Test
    void oneThatIsClosedDoesNot() {
        assertThat(failures("andClosing")).isEmpty();
    }
}
