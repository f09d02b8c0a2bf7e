// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;
import org.luo.itests.device.DeviceClient;
import org.luo.itests.generations.Generations;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.UnixSocket;

/** The worked example, built as a vendor would build it, keeps an eventfd across a real live update. */
@Timeout(240)
class ExampleIT {
    private static final Path SOURCES = Module.of("examples").directory().resolve("handler-eventfd");
    private static final long TOKEN = 7;

    @TempDir
    private Path directory;

    @Test
    void anEventFdAndItsCounterCrossALiveUpdate() throws Exception {
        Path bundles = build();
        try (Generations platform = Generations.startWith(bundles);
                EventFd event = EventFd.create()) {
            UnixSocket session = preserve(platform, event.fd());
            add(event.fd(), 5);
            platform.update();
            session.close();
            try (DeviceClient device = DeviceClient.open(platform.dir());
                    UnixSocket back = device.retrieveSession("events")) {
                int fd = DeviceClient.retrieve(back, TOKEN);
                add(fd, 100);
                Fds.close(fd);
                assertThat(take(event.fd())).isEqualTo(42 + 5 + 100);
                DeviceClient.finish(back);
            }
        }
    }

    @Test
    void withoutTheBundleNobodyKeepsIt() throws Exception {
        try (Generations platform = Generations.start();
                EventFd event = EventFd.create()) {
            assertThatExceptionOfType(LuoException.NotFound.class).isThrownBy(() -> preserve(platform, event.fd()));
        }
    }

    /** In a directory with nothing around it. */
    private Path build() throws Exception {
        Path project = directory.resolve("project");
        copy(SOURCES, project);
        LocalRepository repository =
                LocalRepository.in(Path.of("target", "vendor", "example").toAbsolutePath());
        String output = new Maven(repository, directory.resolve("maven.log"))
                .run(project, "verify", "-Dluo.version=" + Module.VERSION);
        assertThat(output).containsPattern("Tests run: [2-9][0-9], Failures: 0, Errors: 0");
        Path bundles = Files.createDirectory(directory.resolve("bundles"));
        Files.copy(project.resolve("target/handler-eventfd-1.0.0.jar"), bundles.resolve("handler-eventfd.jar"));
        return bundles;
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path path : tree.filter(file -> !file.startsWith(from.resolve("target")))
                    .toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    /** Its counter is 42 then. */
    private static UnixSocket preserve(Generations platform, int fd) throws LuoException {
        add(fd, 42);
        try (DeviceClient device = DeviceClient.open(platform.dir())) {
            UnixSocket session = device.createSession("events");
            DeviceClient.preserve(session, fd, TOKEN);
            return session;
        }
    }

    private static void add(int fd, long number) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            FileIo.write(fd, arena.allocateFrom(ValueLayout.JAVA_LONG, number));
        }
    }

    private static long take(int fd) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counter = arena.allocate(ValueLayout.JAVA_LONG);
            FileIo.read(fd, counter);
            return counter.get(ValueLayout.JAVA_LONG, 0);
        }
    }
}
