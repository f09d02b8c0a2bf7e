// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A vendor's local Maven repository: the user's, by links, with the artifacts of this build in place of whatever is
 * installed there of ours. So a vendor's build finds what this build would publish and nothing older, and the user's
 * repository stays without it.
 */
final class LocalRepository {
    private static final Path USERS = Path.of(System.getProperty("maven.repository"));
    private static final String ORG = "org";
    private static final String LUO = "luo";

    /** What a vendor compiles and tests with, and what comes along with that. */
    private static final List<String> PUBLISHED = List.of(
            "luo-api",
            "luo-linux",
            "luo-core",
            "luo-testkit",
            "luo-testkit-contract",
            "luo-framework",
            "archetype-handler");

    private final Path directory;

    private LocalRepository(Path directory) {
        this.directory = directory;
    }

    /** Lays one out, in place of the one before. */
    static LocalRepository in(Path directory) throws IOException {
        delete(directory);
        Files.createDirectories(directory);
        LocalRepository repository = new LocalRepository(directory);
        repository.link(USERS, directory, ORG);
        Path org = Files.createDirectory(directory.resolve(ORG));
        repository.link(USERS.resolve(ORG), org, LUO);
        repository.install(LUO, Module.parentPom(), "pom");
        for (String name : PUBLISHED) {
            Module module = Module.of(name);
            repository.install(name, module.pom(), "pom");
            repository.install(name, module.jar(), "jar");
        }
        return repository;
    }

    Path directory() {
        return directory;
    }

    /** Links go, and what they lead to stays. */
    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private void link(Path from, Path to, String butFor) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry) && !name.equals(butFor)) {
                    Files.createSymbolicLink(to.resolve(name), entry);
                }
            }
        }
    }

    private void install(String artifact, Path file, String extension) throws IOException {
        Path to = directory.resolve(Path.of(ORG, LUO, artifact, Module.VERSION));
        Files.createDirectories(to);
        Files.copy(file, to.resolve(artifact + "-" + Module.VERSION + "." + extension));
    }
}
