// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;
import org.luo.itests.device.DeviceClient;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;

/** The memfd handler of a real platform is replaced by another version of its bundle while it holds files. */
class AdoptIT {
    private static final String HANDLER = HandlerJar.NAME;
    /** Beside them the workload keeps one with what it has written. */
    private static final long FILES = 30;

    private static final int ADOPTIONS = 20;

    @TempDir
    Path jars;

    private Generations platform;

    @BeforeEach
    void start() throws Exception {
        platform = Generations.start();
        platform.preserve((int) FILES, FILES * 5000, "vm1", "vm2");
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    @Test
    void theNewVersionHoldsTheFilesAndTheOldOneIsGone() throws Exception {
        OpenFiles before = OpenFiles.of(platform.pid());
        Path jar = variant(Map.of("Bundle-Version", "9.9.9"));
        for (int round = 0; round < 2; round++) {
            assertThat(platform.call("bundle.adopt", Map.of("bundle", HANDLER, "file", jar.toString())))
                    .containsEntry("state", "active")
                    .containsEntry("files", FILES + 1);
            jar = variant(Map.of("Bundle-Version", "9.9.10"));
        }
        assertThat(handlerBundles())
                .singleElement()
                .satisfies(bundle -> assertThat(bundle).containsEntry("version", "9.9.10"))
                .satisfies(bundle -> assertThat(bundle).containsEntry("pinned", FILES + 1));
        assertThat(OpenFiles.of(platform.pid()).memory().keySet())
                .isEqualTo(before.memory().keySet());
        assertThat(list("handlers")).extracting("status").containsOnly("active");
        platform.call("workload.write", Map.of());
        platform.update();
        platform.verify(FILES);
    }

    @Test
    void clientsCallAllTheWhileAndNoCallFails() throws Exception {
        int memory = Memfd.create("adopted", 0);
        try (DeviceClient device = DeviceClient.open(platform.dir());
                Caller sessions = Caller.start(number -> inAndOut(device, memory));
                Caller applications = Caller.start(number -> platform.preserve(1, 4096, "app" + number));
                Caller listings = Caller.start(number -> platform.call("files", Map.of()))) {
            for (int version = 0; version < ADOPTIONS; version++) {
                Path jar = HandlerJar.version(jars, "9.9." + version);
                platform.call("bundle.adopt", Map.of("bundle", HANDLER, "file", jar.toString()));
            }
            for (Caller caller : List.of(sessions, applications, listings)) {
                assertThat(caller.end()).as("calls").isGreaterThan(ADOPTIONS);
            }
        } finally {
            Fds.close(memory);
        }
        assertThat(handlerBundles())
                .singleElement()
                .satisfies(bundle -> assertThat(bundle).containsEntry("version", "9.9." + (ADOPTIONS - 1)));
    }

    private static void inAndOut(DeviceClient device, int memory) throws LuoException {
        try (UnixSocket session = device.createSession("client")) {
            DeviceClient.preserve(session, memory, 1);
        }
    }

    @Test
    void whatCannotAdoptIsUninstalledAgain() throws Exception {
        List<Map<String, Object>> before = list("bundles");
        Path silent = variant(Map.of("Bundle-Version", "9.9.9", "Service-Component", ""));
        Path unresolved = variant(Map.of("Bundle-Version", "9.9.9", "Import-Package", "org.nowhere"));
        Path other = variant(Map.of("Bundle-SymbolicName", "org.other"));
        refused("EIO", unresolved);
        refused("ENOENT", silent);
        refused("EINVAL", other);
        refused("EEXIST", variant(Map.of()));
        refused("ENOENT", jars.resolve("nothing.jar"));
        refused("EINVAL", Files.writeString(jars.resolve("text.jar"), "no jar"));
        assertThat(list("bundles")).isEqualTo(before);
        platform.update();
        platform.verify(FILES);
    }

    private void refused(String errno, Path jar) {
        assertThatExceptionOfType(Admin.Refusal.class)
                .isThrownBy(() -> platform.call("bundle.adopt", Map.of("bundle", HANDLER, "file", jar.toString())))
                .satisfies(refusal ->
                        assertThat(refusal.errno()).as(refusal.getMessage()).isEqualTo(errno));
    }

    private List<Map<String, Object>> handlerBundles() throws Exception {
        return list("bundles").stream()
                .filter(bundle -> HANDLER.equals(bundle.get("name")))
                .toList();
    }

    @SuppressWarnings("unchecked") // a list of JSON objects
    private List<Map<String, Object>> list(String command) throws Exception {
        return (List<Map<String, Object>>) platform.call(command, Map.of()).get(command);
    }

    private Path variant(Map<String, String> headers) throws IOException {
        return HandlerJar.variant(jars, headers);
    }
}
