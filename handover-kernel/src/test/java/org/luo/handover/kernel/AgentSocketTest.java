// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.kernel.Identified.Kind;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.testkit.NoFdLeft;

/** An agent that has the device, played on a real socket; it may say anything. */
@ExtendWith(NoFdLeft.class)
class AgentSocketTest {
    private static final Duration PATIENCE = Duration.ofMillis(2000);
    private static final String START = "{\"event\":\"START_PRESERVATION\",\"id\":\"org.luo\"}\n";

    private Path directory;
    private Path path;
    private Kind kind = Kind.OUTGOING;
    private UnixSocket listening;
    private AgentSocket way;

    /** What an agent does with a client. */
    private interface Part {
        void play(UnixSocket client) throws LuoException;
    }

    @BeforeEach
    void listen() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "luod"); // the names of sockets are short
        path = directory.resolve("liveupdate.sock");
        listening = UnixSocket.listen(UnixSocket.Type.STREAM, path, 8);
        way = way(PATIENCE);
    }

    @AfterEach
    void close() throws IOException {
        listening.close();
        Files.deleteIfExists(path);
        Files.delete(directory);
    }

    private AgentSocket way(Duration patience) {
        return new AgentSocket(path, null, patience, fd -> new Identified(fd, kind, "org.luo"));
    }

    private CompletableFuture<String> agent(Part part) {
        return CompletableFuture.supplyAsync(() -> {
            try (UnixSocket client = listening.accept(5000)) {
                String asked = line(client);
                part.play(client);
                return asked;
            } catch (LuoException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String line(UnixSocket client) throws LuoException {
        byte[] bytes = new byte[200];
        int length = client.read(bytes, 0, bytes.length);
        return length < 0 ? "(end)" : new String(bytes, 0, length).strip();
    }

    private static void say(UnixSocket client, String line, int... fds) throws LuoException {
        client.send(line.getBytes(), fds);
        for (int fd : fds) {
            Fds.close(fd);
        }
    }

    private LuoException refused(Part part) {
        CompletableFuture<String> agent = agent(part);
        LuoException refusal = catchThrowableOfType(LuoException.class, () -> way.createSession("org.luo"));
        agent.handle((asked, failed) -> asked).join(); // what it has open is closed
        return refusal;
    }

    @Test
    void itIsAskedForASessionAndToldWhenThatIsReady() throws Exception {
        String[] ready = new String[1];
        CompletableFuture<String> agent = agent(client -> {
            say(client, "{\"event\":\"WELCOME\"}\n{\"event\":\"START_PRESER");
            say(client, "VATION\"}\n", EventFd.create().fd());
            ready[0] = line(client);
        });
        int session = way.createSession("org.luo");
        assertThat(Fds.isOpen(session)).isTrue();
        assertThat(way.handOn(session)).hasValue(ProcessHandle.current().pid());
        Fds.close(session);
        way.closed(session);
        assertThat(agent.get()).isEqualTo("{\"cmd\":\"SUBSCRIBE\",\"id\":\"org.luo\"}");
        assertThat(ready[0]).isEqualTo("{\"cmd\":\"READY\"}");
    }

    @Test
    void anAttemptThatFailsEndsTheConnectionWithoutReady() throws Exception {
        String[] said = new String[1];
        CompletableFuture<String> agent = agent(client -> {
            say(client, START, EventFd.create().fd());
            said[0] = line(client);
        });
        int session = way.createSession("org.luo");
        Fds.close(session);
        way.closed(session);
        agent.get();
        assertThat(said[0]).isEqualTo("(end)");
    }

    @Test
    void whatCameOverIsClaimed() throws Exception {
        kind = Kind.INCOMING;
        CompletableFuture<String> agent = agent(client -> say(
                client,
                "{\"event\":\"CLAIMED\",\"id\":\"org.luo\"}\n",
                EventFd.create().fd()));
        Fds.close(way.retrieveSession("org.luo"));
        assertThat(agent.get()).isEqualTo("{\"cmd\":\"CLAIM\",\"id\":\"org.luo\"}");
    }

    @Test
    void itsErrorsAreHandedOn() {
        LuoException e =
                refused(client -> say(client, "{\"error\":{\"errno\":\"EEXIST\",\"message\":\"no\\u0007\"}}\n"));
        assertThat(e.errno()).isEqualTo(Errno.EEXIST);
        assertThat(e).hasMessageContaining("refuses: no?");
        e = refused(client -> say(client, "{\"error\":\"unknown id\"}\n"));
        assertThat(e.errno()).isEqualTo(Errno.EREMOTEIO);
        assertThat(e).hasMessageContaining("unknown id");
    }

    @Test
    void whatIsNoSessionIsNotTakenForOne() {
        kind = Kind.INCOMING;
        assertThat(refused(client -> say(client, START, EventFd.create().fd())))
                .hasMessageContaining("has given no session")
                .hasMessageContaining("incoming, not OUTGOING");
        way = new AgentSocket(path, null, PATIENCE, fd -> Identified.of(fd, new Machine(directory)));
        assertThat(refused(client -> say(client, START, EventFd.create().fd())))
                .hasMessageContaining("anon_inode:[eventfd]");
        assertThat(refused(client -> say(client, START)).errno()).isEqualTo(Errno.ENODATA);
    }

    @Test
    void anAgentThatIsNoneIsRefused() {
        assertThat(refused(client -> say(client, "HTTP/1.1 400\n")).errno()).isEqualTo(Errno.EBADMSG);
        assertThat(refused(client -> say(client, "x".repeat(9000))).errno()).isEqualTo(Errno.EMSGSIZE);
        assertThat(refused(client -> {}).errno()).isEqualTo(Errno.ECONNRESET);
        assertThat(refused(client -> say(
                                client,
                                START,
                                EventFd.create().fd(),
                                EventFd.create().fd()))
                        .errno())
                .isEqualTo(Errno.EBADMSG);
    }

    @Test
    void itIsNotWaitedForForEver() {
        way = way(Duration.ofMillis(200));
        LuoException e = refused(client -> line(client));
        assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT);
        assertThat(e).hasMessageContaining("has not begun one within");
    }

    @Test
    void theFirstWayThatLeadsSomewhereIsGone() throws Exception {
        way.require(true);
        Machine machine = new Machine(directory);
        HandedIn nothing = new HandedIn(fd -> Identified.of(fd, machine));
        Way device = new OpenedDevice(machine, Path.of("/dev/liveupdate"));
        assertThat(new Ways(List.of(nothing, way, device)).choose(true))
                .hasToString(
                        "by the agent at " + path + ", since the service manager has handed in nothing called luo");
        listening.close();
        assertThat(new Ways(List.of(nothing, way, device)).choose(true).toString())
                .startsWith("by opening /dev/liveupdate, since")
                .contains("the agent at " + path + " can't be asked")
                .contains("nobody listens");
        Files.delete(path);
        assertThat(new Ways(List.of(way, device)).choose(false).others())
                .containsExactly("no agent listens at " + path);
        assertThat(new Ways(List.of(new AgentSocket(path, path, PATIENCE, fd -> null), device))
                        .choose(true)
                        .others())
                .containsExactly("the agent at " + path + " is this platform's own");
    }
}
