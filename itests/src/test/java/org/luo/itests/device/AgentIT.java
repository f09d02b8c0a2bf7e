// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.itests.generations.Generations;

/** A Python program that subscribes to the agent, across a real live update. */
@Timeout(120)
class AgentIT {
    private static final Path SCRIPT =
            Path.of("src/test/python/agent.py").toAbsolutePath().normalize();

    @Test
    void aSubscriberIsAskedAndItsHeirClaims() throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(path -> Path.of(path, "python3").toFile().canExecute()),
                "no python3 on the PATH");
        assumeTrue(
                Files.exists(Generations.HOME.resolve("native/libluo-preload.so")),
                "no C compiler was there to build the preload library");
        try (Generations platform = Generations.start()) {
            Path socket = platform.dir().resolve("agent.sock");
            try (Program subscriber = Program.start(platform, "python3", SCRIPT, socket, "before")) {
                subscriber.says("ready");
                assertThat(platform.update()).containsEntry("sessions", 1L).containsEntry("files", 1L);
                subscriber.endsWell();
            }
            try (Program heir = Program.start(platform, "python3", SCRIPT, socket, "after")) {
                heir.endsWell();
            }
            assertThat(platform.update()).containsEntry("sessions", 0L).containsEntry("files", 0L);
        }
    }
}
