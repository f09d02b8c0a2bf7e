// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.LuoException;
import org.luo.daemon.internal.device.Requests.Target;
import org.luo.fuzz.Trial;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;

/**
 * What a client of the device may send: each message is answered or dropped, its fds are closed, the next one is served,
 * and when the client has gone so have its sessions.
 */
class DeviceFuzzTest {
    private static final byte[] INCOMING = {CountedSessions.ARRIVED, '1'};
    private static final byte[] OUTGOING = {'o'};

    private static int memfd;
    private static CountedSessions sessions;
    private static Device device;
    private static Exchange exchange;

    @BeforeAll
    static void open() throws LuoException {
        memfd = Memfd.create("fuzz", 0);
        sessions = new CountedSessions(memfd);
        device = new Device(true, sessions);
        device.sessions(sessions); // from now on it serves
        exchange = new Exchange();
    }

    @AfterAll
    static void close() {
        device.close();
        Fds.close(memfd);
    }

    /** Every command on what it is for · on what it is not for · longer and shorter arguments, and odd fds. */
    static Stream<byte[]> seeds() {
        byte[] other = {CountedSessions.ARRIVED, '2'};
        Requests right = new Requests()
                .ask(Target.DEVICE, Command.CREATE_SESSION, 0, Requests.named(new byte[] {'n', 'e', 'w'}))
                .ask(Target.DEVICE, Command.RETRIEVE_SESSION, 0, Requests.named(other))
                .askWithFile(Target.OUTGOING, Command.PRESERVE_FD, Requests.file(7))
                .ask(Target.OUTGOING, Command.GET_NAME, 0, Requests.sized(72, 72))
                .ask(Target.INCOMING, Command.RETRIEVE_FD, 0, Requests.file(7))
                .ask(Target.INCOMING, Command.FINISH, 0, Requests.sized(8, 8))
                .ask(Target.INCOMING, Command.GET_NAME, 0, Requests.sized(72, 72));
        Requests wrong = new Requests()
                .ask(Target.DEVICE, Command.CREATE_SESSION, 0, Requests.named(OUTGOING))
                .ask(Target.DEVICE, Command.FINISH, 0, Requests.sized(8, 8))
                .ask(Target.OUTGOING, Command.PRESERVE_FD, 0, Requests.file(7))
                .ask(Target.OUTGOING, Command.RETRIEVE_FD, 0, Requests.file(7))
                .askWithFile(Target.INCOMING, Command.PRESERVE_FD, Requests.file(7));
        Requests odd = new Requests()
                .ask(Target.OUTGOING, Command.GET_NAME, 2, Requests.sized(100, 72))
                .ask(Target.OUTGOING, Command.GET_NAME, 4, Requests.sized(4096, 4))
                .ask(Target.INCOMING, Command.FINISH, 1, new byte[0])
                .say(Target.DEVICE, Requests.OWN, Command.CREATE_SESSION, Requests.named(new byte[] {'c'}))
                .say(Target.INCOMING, Requests.FILE, Command.FINISH, Requests.sized(8, 8));
        return Stream.of(right.bytes(), wrong.bytes(), odd.bytes());
    }

    @MethodSource("seeds")
    @FuzzTest
    void serve(byte[] script) {
        Trial.runWithFds(() -> {
            converse(script);
            assertThat(sessions.open()).isEmpty();
        });
    }

    /** The device is opened, both kinds of session are, and then the script is said. */
    private static void converse(byte[] script) throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        try (UnixSocket open = pair.other()) {
            device.admit(pair.one(), exchange);
            byte[] greeting = {1, 1, 1, 1, 1};
            assertThat(open.receive(greeting).bytes()).isEqualTo(Integer.BYTES);
            assertThat(greeting).startsWith(0, 0, 0, 0);
            assertThat(open.receive(greeting).eof()).isTrue();
            try (UnixSocket outgoing = session(open, Command.CREATE_SESSION, OUTGOING);
                    UnixSocket incoming = session(open, Command.RETRIEVE_SESSION, INCOMING)) {
                Dialogue dialogue = new Dialogue(memfd, open, outgoing, incoming);
                dialogue.hold(script);
                dialogue.assertServed();
            }
        }
        device.reaper().reap(exchange);
    }

    private static UnixSocket session(UnixSocket open, Command command, byte[] name) throws LuoException {
        return UnixSocket.adopt(
                Dialogue.call(open, command, Requests.named(name)).fds()[0]);
    }
}
