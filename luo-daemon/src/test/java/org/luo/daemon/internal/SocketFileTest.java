// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;

/** Where a door can't listen, and what it says then; once that is mended it can. */
class SocketFileTest {
    @TempDir
    private Path dir;

    private static SocketFile at(Path path) {
        return new SocketFile("agent", path, UnixSocket.Type.STREAM);
    }

    private static void refused(Errno errno, SocketFile file, String why) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> file.listen(1))
                .withMessageStartingWith("open door agent at " + file.path() + ": ")
                .withMessageContaining(why)
                .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(errno));
    }

    private static void listens(SocketFile file) throws LuoException {
        try (UnixSocket socket = file.listen(1)) {
            assertThat(socket.fd()).isNotNegative();
        }
    }

    @Test
    void whatIsNoSocketIsNotReplaced() throws Exception {
        Path path = dir.resolve("sock");
        Files.createDirectory(path);
        refused(Errno.EEXIST, at(path), "move it away");
        Files.delete(path);
        Files.writeString(path, "somebody's");
        refused(Errno.EEXIST, at(path), "what is there is no socket");
        assertThat(path).hasContent("somebody's");
        Files.delete(path);
        listens(at(path));
        listens(at(path)); // in place of the one that nobody answers
        assertThat(dir).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void aSocketThatSomebodyAnswersIsTheirs() throws Exception {
        try (UnixSocket first = at(dir.resolve("sock")).listen(1)) {
            assertThat(first.fd()).isNotNegative();
            refused(
                    Errno.EADDRINUSE,
                    at(dir.resolve("sock")),
                    "process " + ProcessHandle.current().pid() + " answers there; end it");
        }
    }

    @Test
    void aPathThatIsTooLongIsSaidToBe() {
        refused(Errno.ENAMETOOLONG, at(dir.resolve("x".repeat(100))), "107 bytes");
    }

    @Test
    void aDirectoryThatIsMissingIsSaidToBe() throws Exception {
        Path missing = dir.resolve("missing");
        refused(Errno.ENOENT, at(missing.resolve("sock")), "make it");
        Files.createDirectory(missing);
        listens(at(missing.resolve("sock")));
    }

    /** One that nobody can write to, not even root; which errno it is, is the user's and the mount's matter. */
    @Test
    void aDirectoryThatCanNotBeWrittenToIsSaidToBe() {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> at(Path.of("/sys/luo.sock")).listen(1))
                .withMessageStartingWith("open door agent at /sys/luo.sock: ")
                .withMessageContaining("make the directory writable")
                .satisfies(refusal -> assertThat(refusal.errno()).isIn(Errno.EPERM, Errno.EACCES, Errno.EROFS));
    }

    @Test
    void aDoorThatCouldNotOpenCanBeOpenedLaterAndLeavesNothingOpenUntilThen() throws Exception {
        Scene scene = new Scene();
        AdminDoor door = Scene.door(dir, scene.commands("later"));
        Files.createDirectory(dir.resolve(AdminDoor.SOCKET));
        refused(door);
        long fds = Scene.settledFds();
        refused(door);
        assertThat(Scene.settledFds()).isEqualTo(fds);
        Files.delete(dir.resolve(AdminDoor.SOCKET));
        door.open(Optional.empty());
        try (Client client = new Client(dir)) {
            assertThat(client.ask("who")).contains("later");
        } finally {
            door.close();
        }
    }

    private static void refused(AdminDoor door) {
        assertThatExceptionOfType(LuoException.class).isThrownBy(() -> door.open(Optional.empty()));
    }
}
