// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;
import org.luo.itests.device.DeviceClient;
import org.luo.itests.generations.Generations;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.UnixSocket;

/** What the archetype generates, builds and passes its tests, in a directory that has nothing to do with this build. */
@Timeout(240)
class ArchetypeIT {
    private static final String PLUGIN = "org.apache.maven.plugins:maven-archetype-plugin:";

    @TempDir
    private Path directory;

    @Test
    void aGeneratedHandlerPassesItsContractAndRunsInAFramework() throws Exception {
        LocalRepository repository =
                LocalRepository.in(Path.of("target", "vendor", "archetype").toAbsolutePath());
        Maven maven = new Maven(repository, directory.resolve("maven.log"));
        maven.run(
                directory,
                PLUGIN + System.getProperty("archetype.version") + ":generate",
                "-DarchetypeCatalog=local",
                "-DarchetypeGroupId=org.luo",
                "-DarchetypeArtifactId=archetype-handler",
                "-DarchetypeVersion=" + Module.VERSION,
                "-DgroupId=com.acme",
                "-DartifactId=shelf-handler",
                "-Dversion=1.2.3",
                "-Dpackage=com.acme.shelf",
                "-Dhandler=Shelf",
                "-Dcompatible=shelf-v7");
        Path project = directory.resolve("shelf-handler");
        assertNothingIsLeftToFillIn(project);

        String output = maven.run(project, "verify");

        assertThat(output).doesNotContain("WARNING] /"); // from the compiler
        assertThat(output).containsPattern("Tests run: [2-9][0-9], Failures: 0, Errors: 0"); // the contract
        assertThat(output).contains("Running com.acme.shelf.ShelfPlatformIT");
        try (JarFile jar =
                new JarFile(project.resolve("target/shelf-handler-1.2.3.jar").toFile())) {
            Attributes headers = jar.getManifest().getMainAttributes();
            assertThat(headers.getValue("Bundle-SymbolicName")).isEqualTo("com.acme.shelf");
            assertThat(headers.getValue("Bundle-Version")).isEqualTo("1.2.3");
            assertThat(jar.getEntry("OSGI-INF/metatype/com.acme.shelf.ShelfConfig.xml"))
                    .isNotNull();
        }
        assertTheFileBesideTheJarConfiguresIt(project.resolve("target/shelf-handler-1.2.3.jar"));
    }

    /** From the start, when it changes, and in a successor. */
    private void assertTheFileBesideTheJarConfiguresIt(Path jar) throws Exception {
        Path bundles = Files.createDirectory(directory.resolve("bundles"));
        Path configuration = bundles.resolve("com.acme.shelf.ShelfHandler.cfg");
        Path memory = Files.createTempFile(Path.of("/dev/shm"), "archetype-", "");
        Files.copy(jar, bundles.resolve("shelf-handler.jar"));
        Files.writeString(configuration, "maxBytes = 10\n");
        Files.writeString(memory, "eleven byte");
        int fd = FileIo.open(memory, FileIo.O_RDWR, 0);
        try (Generations platform = Generations.startWith(bundles)) {
            assertThat(takes(platform, fd)).isFalse();
            Files.writeString(configuration, "maxBytes = 11\n");
            await(() -> takes(platform, fd));
            platform.update();
            assertThat(takes(platform, fd)).isTrue();
            Files.writeString(configuration, "maxBytes = 9\n");
            await(() -> !takes(platform, fd));
        } finally {
            Fds.close(fd);
            Files.delete(memory);
        }
    }

    private static boolean takes(Generations platform, int fd) throws LuoException {
        try (DeviceClient device = DeviceClient.open(platform.dir());
                UnixSocket session = device.createSession("shelf")) {
            DeviceClient.preserve(session, fd, 1);
            return true;
        } catch (LuoException.NotFound nobody) {
            return false;
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 1000 && !condition.call(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.call()).isTrue();
    }

    private static void assertNothingIsLeftToFillIn(Path project) throws IOException {
        try (Stream<Path> files = Files.walk(project)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                assertThat(text)
                        .as(file.toString())
                        .doesNotContain("__handler__", "${handler}", "${compatible}", "${package}", "@project", "Shm");
            }
        }
        assertThat(Files.readString(project.resolve("README.md"))).contains("shelf-handler-1.2.3.jar", "`shelf-v7`");
    }
}
