// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a script that does not end; that it leaves no process behind, {@code NoProcessLeft} sees. */
class ScriptIT {
    @TempDir
    private Path directory;

    @Test
    void aScriptThatLastsTooLongTakesDownWhatItHasStarted() {
        Path done = directory.resolve("done");
        List<String> command =
                List.of("bash", "-c", "trap 'touch \"$0\"' EXIT; trap 'exit 1' TERM; sleep 600", done.toString());
        assertThatThrownBy(() -> Script.execute(directory, command, Map.of(), Duration.ofMillis(500)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ends; so far:");
        assertThat(done).exists();
    }
}
