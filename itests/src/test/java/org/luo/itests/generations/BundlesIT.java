// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bundles come, change and go in a real platform, by command and through the deploy folder, across live updates. */
@Timeout(120)
class BundlesIT {
    private static final String HANDLER = HandlerJar.NAME;

    @TempDir
    private Path jars;

    private Generations platform;

    @BeforeEach
    void start() throws Exception {
        platform = Generations.start();
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    private Path folder() {
        return platform.dir().resolve("deploy");
    }

    private void drop(String file, Path jar) throws Exception {
        Files.move(jar, folder().resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    @SuppressWarnings("unchecked") // a list of JSON objects
    private List<Map<String, Object>> list(String command, String key) throws Exception {
        return (List<Map<String, Object>>) platform.call(command, Map.of()).get(key);
    }

    private Map<String, Object> deployment(String file) throws Exception {
        return list("bundles", "deployments").stream()
                .filter(deployment -> deployment.get("file").equals(file))
                .findFirst()
                .orElse(Map.of());
    }

    private Object version(String bundle) throws Exception {
        return list("bundles", "bundles").stream()
                .filter(entry -> entry.get("name").equals(bundle))
                .map(entry -> entry.get("version"))
                .findFirst()
                .orElse(null);
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        for (long end = System.nanoTime() + 30_000_000_000L; !condition.call(); ) {
            assertThat(System.nanoTime()).as(() -> what + platform.log()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private void awaitStatus(String file, String status) throws Exception {
        await(file + " is " + status, () -> status.equals(deployment(file).get("status")));
    }

    private void refused(String errno, String why, String command, Map<String, ?> arguments) {
        assertThatExceptionOfType(Admin.Refusal.class)
                .isThrownBy(() -> platform.call(command, arguments))
                .withMessageContaining(why)
                .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(errno));
    }

    @Test
    void aReplacedJarWaitsForThePinsAndIsListedWithTheHolders() throws Exception {
        platform.preserve(2, 8192, "vm1");
        drop("memfd.jar", HandlerJar.version(jars, "9.9.9"));
        awaitStatus("memfd.jar", "pending");
        assertThat(deployment("memfd.jar").get("reason"))
                .asString()
                .startsWith("update of bundle " + HANDLER)
                .contains("3 files preserved: vm1/0x1");
        assertThat(version(HANDLER)).isNotEqualTo("9.9.9");
        platform.call("workload.drop", Map.of());
        awaitStatus("memfd.jar", "done");
        assertThat(version(HANDLER)).isEqualTo("9.9.9");
        Files.delete(folder().resolve("memfd.jar"));
        await("the distribution's own is back", () -> deployment("memfd.jar").isEmpty());
        assertThat(version(HANDLER)).isNotEqualTo("9.9.9");
        platform.preserve(2, 8192, "vm1");
    }

    @Test
    void aSuccessorBeginsWithWhatTheFolderHas() throws Exception {
        platform.preserve(2, 8192, "vm1");
        drop("memfd.jar", HandlerJar.version(jars, "9.9.9"));
        awaitStatus("memfd.jar", "pending");
        platform.update();
        assertThat(deployment("memfd.jar")).containsEntry("status", "done");
        assertThat(version(HANDLER)).isEqualTo("9.9.9");
        platform.verify(2);
        Files.delete(folder().resolve("memfd.jar"));
        await(
                "going waits for the file that came over",
                () -> "pending".equals(deployment("memfd.jar").get("status")));
        assertThat(deployment("memfd.jar")).containsEntry("wanted", "uninstall");
        platform.call("workload.finish", Map.of());
        await("it is gone", () -> deployment("memfd.jar").isEmpty());
    }

    @Test
    void aHandlerIsInstalledInARunningPlatformAndItsFilesGoOver() throws Exception {
        try (Generations bare = Generations.start(withoutHandler())) {
            assertThatExceptionOfType(Admin.Refusal.class)
                    .isThrownBy(() -> bare.preserve(1, 4096, "vm0"))
                    .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo("ENOENT"));
            assertThat(bare.call(
                            "bundle.install",
                            Map.of("file", HandlerJar.original().toString())))
                    .containsEntry("name", HANDLER)
                    .containsEntry("state", "active");
            bare.preserve(3, 12288, "vm1", "vm2");
            bare.update();
            bare.verify(3);
            assertThat(bare.dir().resolve("deploy").resolve(HANDLER + ".jar")).exists();
            assertThatExceptionOfType(Admin.Refusal.class)
                    .isThrownBy(() -> bare.call("bundle.uninstall", Map.of("bundle", HANDLER)))
                    .withMessageContaining("4 files preserved");
            bare.call("workload.finish", Map.of());
            assertThat(bare.call("bundle.uninstall", Map.of("bundle", HANDLER)))
                    .containsEntry("state", "uninstalled")
                    .doesNotContainKey("note");
            assertThat(bare.dir().resolve("deploy")).isEmptyDirectory();
        }
    }

    private String withoutHandler() throws Exception {
        Path bundles = Files.createDirectory(jars.resolve("bundles"));
        try (Stream<Path> all = Files.list(Generations.HOME.resolve("bundles"))) {
            for (Path jar : all.filter(jar -> !jar.getFileName().toString().startsWith("handler-memfd"))
                    .toList()) {
                Files.createSymbolicLink(bundles.resolve(jar.getFileName()), jar);
            }
        }
        return bundles + ":" + Generations.HOME.resolve("workload");
    }

    @Test
    void aSuccessorThatCouldNotReadTheFilesIsRefusedByName() throws Exception {
        try (Generations bare = Generations.start(withoutHandler())) {
            bare.call("bundle.install", Map.of("file", HandlerJar.original().toString()));
            bare.preserve(1, 4096, "vm1");
            Files.delete(bare.dir().resolve("deploy").resolve(HANDLER + ".jar"));
            assertThatExceptionOfType(Admin.Refusal.class)
                    .isThrownBy(() -> bare.call("update", Map.of("rehearsal", "20")))
                    .withMessageContaining("cannot read memfd-p1 (vm1/0x1");
            bare.call("workload.drop", Map.of());
            assertThat(bare.status()).containsEntry("files", 0L);
        }
    }

    @Test
    void anAdoptedVersionIsTheSuccessorsToo() throws Exception {
        platform.preserve(2, 8192, "vm1");
        String jar = HandlerJar.version(jars, "9.9.9").toString();
        refused("EBUSY", "3 files preserved: vm1/0x1", "bundle.update", Map.of("file", jar));
        assertThat(platform.call("bundle.update", Map.of("file", jar, "adopt", true, "dry_run", true)))
                .containsEntry("refused", null)
                .containsEntry("moved", 3L)
                .containsEntry("to", "9.9.9");
        assertThat(platform.call("bundle.update", Map.of("file", jar, "adopt", true)))
                .containsEntry("version", "9.9.9")
                .containsEntry("files", 3L)
                .doesNotContainKey("note");
        assertThat(deployment(HANDLER + ".jar")).containsEntry("status", "done");
        platform.update();
        assertThat(version(HANDLER)).isEqualTo("9.9.9");
        platform.verify(2);
    }

    @Test
    void whileItIsDrainedABundleTakesNoNewFiles() throws Exception {
        platform.preserve(1, 4096, "vm1");
        assertThat(platform.call("bundle.drain", Map.of("bundle", HANDLER, "millis", 60_000)))
                .containsEntry("files", 2L)
                .containsEntry("first", List.of("vm1/0x1", "vm1/0xffffffffffffffff"));
        refused("EAGAIN", "takes no new files", "workload.preserve", Map.of("sessions", List.of("vm2"), "files", 1));
        platform.call("bundle.drain", Map.of("bundle", HANDLER, "millis", 100));
        await("a lease ends by itself", () -> {
            try {
                platform.preserve(1, 4096, "vm3");
                return true;
            } catch (Admin.Refusal e) {
                return false;
            }
        });
        refused("EINVAL", "'millis'", "bundle.drain", Map.of("bundle", HANDLER, "millis", -1));
    }

    @Test
    void whatWouldHappenIsFoundWithoutDoingIt() throws Exception {
        platform.preserve(1, 4096, "vm1");
        List<Map<String, Object>> before = list("bundles", "bundles");
        String jar = HandlerJar.version(jars, "9.9.9").toString();
        assertThat(platform.call("bundle.update", Map.of("file", jar, "dry_run", true)))
                .containsEntry("files", 2L)
                .hasEntrySatisfying("refused", why -> assertThat(why).asString().contains("vm1/0x1"));
        assertThat(platform.call("bundle.stop", Map.of("bundle", "org.luo.linux", "dry_run", true))
                        .get("refused"))
                .asString()
                .startsWith("stop of bundle org.luo.linux");
        assertThat(platform.call("bundle.uninstall", Map.of("bundle", "org.luo.api", "dry_run", true))
                        .get("refreshed"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .anySatisfy(bundle -> assertThat(bundle).asString().startsWith(HANDLER));
        String same = HandlerJar.original().toString();
        assertThat(platform.call("bundle.update", Map.of("file", same, "adopt", true, "dry_run", true))
                        .get("refused"))
                .asString()
                .contains("has the same version");
        refused("EEXIST", "is there; update it", "bundle.install", Map.of("file", same));
        refused(
                "ENOENT",
                "no bundle",
                "bundle.update",
                Map.of("file", other("org.nobody").toString()));
        assertThat(platform.call(
                        "bundle.install", Map.of("file", other("org.nobody").toString(), "dry_run", true)))
                .containsEntry("bundle", "org.nobody")
                .containsEntry("refused", null);
        assertThat(list("bundles", "bundles")).isEqualTo(before);
        assertThat(folder()).isEmptyDirectory();
    }

    private Path other(String name) throws Exception {
        return HandlerJar.variant(jars, Map.of("Bundle-SymbolicName", name));
    }

    @Test
    void whatCannotRunIsListedWithTheReasonAndDisturbsNobody() throws Exception {
        platform.preserve(1, 4096, "vm1");
        drop("second.jar", other("org.second"));
        awaitStatus("second.jar", "done");
        assertThat(list("handlers", "handlers"))
                .filteredOn(handler -> handler.get("status").equals("rejected"))
                .singleElement()
                .satisfies(
                        handler -> assertThat(handler.get("reason")).asString().contains("taken by " + HANDLER));
        drop(
                "importing.jar",
                HandlerJar.variant(jars, Map.of("Bundle-SymbolicName", "org.third", "Import-Package", "org.nowhere")));
        awaitStatus("importing.jar", "failed");
        assertThat(deployment("importing.jar").get("reason")).asString().contains("org.nowhere");
        Files.writeString(folder().resolve("text.jar"), "no jar");
        awaitStatus("text.jar", "failed");
        assertThat(deployment("text.jar").get("reason")).asString().startsWith("not a bundle");
        assertThat(platform.status()).containsEntry("ready", true);
        platform.update();
        platform.verify(1);
        assertThat(deployment("text.jar")).containsEntry("status", "failed");
        assertThat(deployment("second.jar")).containsEntry("status", "done");
    }

    @Test
    void aBundleIsStoppedStartedAndUpdatedFromWhereItCameFrom() throws Exception {
        assertThat(platform.call("bundle.stop", Map.of("bundle", HANDLER))).containsEntry("state", "resolved");
        assertThat(platform.call("bundle.start", Map.of("bundle", HANDLER))).containsEntry("state", "active");
        assertThat(platform.call("bundle.update", Map.of("bundle", HANDLER))).containsEntry("state", "active");
        assertThat(platform.call("bundle.uninstall", Map.of("bundle", HANDLER)))
                .containsEntry("state", "uninstalled")
                .hasEntrySatisfying("note", note -> assertThat(note).asString().contains("the next start"));
        assertThat(list("handlers", "handlers")).extracting("compatible").doesNotContain("memfd-p1");
    }
}
