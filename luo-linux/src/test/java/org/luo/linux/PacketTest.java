// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.linux.Packet.Outcome;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class PacketTest {
    private final Packet packet = new Packet(8, 3);
    private UnixSocket.Pair pair;
    private int memfd;

    @BeforeEach
    void open() throws Exception {
        pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        memfd = Memfd.create("passed", 0);
    }

    @AfterEach
    void close() {
        Fds.close(memfd);
        pair.close();
    }

    private Outcome receive() {
        return packet.receive(pair.one().fd());
    }

    @Test
    void bringsBytesAndFds() throws Exception {
        pair.other().send("hello".getBytes(StandardCharsets.UTF_8), memfd, memfd);
        assertThat(receive()).isEqualTo(Outcome.MESSAGE);
        assertThat(packet.data().asSlice(0, 5).toArray(JAVA_BYTE)).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(packet.received().bytes()).isEqualTo(5);
        assertThat(packet.received().fds()).hasSize(2);
        assertThat(packet.received().complete()).isTrue();
        assertThat(Fds.isCloexec(packet.received().fds()[1])).isTrue();
        packet.received().closeFds();
    }

    @Test
    void doesNotWait() {
        assertThat(receive()).isEqualTo(Outcome.NOTHING);
        assertThat(packet.received().fds()).isEmpty();
    }

    @Test
    void theEndIsToldAndWhatCameBeforeComesFirst() throws Exception {
        pair.one().send(new byte[1]);
        pair.other().send(new byte[3]);
        pair.other().close(); // with a byte unread, so that the first look says so
        assertThat(receive()).isEqualTo(Outcome.MESSAGE);
        assertThat(packet.received().bytes()).isEqualTo(3);
        assertThat(receive()).isEqualTo(Outcome.END);
        assertThat(receive()).isEqualTo(Outcome.END);
    }

    @Test
    void whatDoesNotFitIsLostAndThatIsSeen() throws Exception {
        pair.other().send(new byte[9], memfd, memfd, memfd, memfd);
        assertThat(receive()).isEqualTo(Outcome.MESSAGE);
        assertThat(packet.received().dataTruncated()).isTrue();
        assertThat(packet.received().controlTruncated()).isTrue();
        assertThat(packet.received().fds()).hasSize(3);
        packet.received().closeFds();
    }

    @Test
    void sendsIfThatIsPossibleAtOnce() throws Exception {
        packet.data().set(JAVA_BYTE, 0, (byte) 7);
        assertThat(packet.send(pair.one().fd(), 2, memfd)).isTrue();
        Received received = pair.other().receive(new byte[8]);
        assertThat(received.bytes()).isEqualTo(2);
        assertThat(received.fds()).hasSize(1);
        received.closeFds();
        int sent = 0;
        while (sent < 10_000 && packet.send(pair.one().fd(), 8)) {
            sent++;
        }
        assertThat(sent).as("until the buffer was full").isBetween(1, 9_999);
        pair.other().close();
        assertThat(packet.send(pair.one().fd(), 8)).isFalse();
        assertThat(packet.send(memfd, 8)).as("to what is no socket").isFalse();
    }
}
