// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.daemon.internal.device.Wire.CREATE_SESSION;
import static org.luo.daemon.internal.device.Wire.FINISH;
import static org.luo.daemon.internal.device.Wire.GET_NAME;
import static org.luo.daemon.internal.device.Wire.PRESERVE_FD;
import static org.luo.daemon.internal.device.Wire.RETRIEVE_FD;
import static org.luo.daemon.internal.device.Wire.RETRIEVE_SESSION;
import static org.luo.daemon.internal.device.Wire.TAIL_UNREADABLE;
import static org.luo.daemon.internal.device.Wire.TAIL_USED;
import static org.luo.daemon.internal.device.Wire.UNREADABLE;
import static org.luo.daemon.internal.device.Wire.file;
import static org.luo.daemon.internal.device.Wire.named;
import static org.luo.daemon.internal.device.Wire.plain;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;

/** Every ioctl, and every way in which it is refused. */
@Timeout(60)
class DeviceTest {
    @TempDir
    private Path dir;

    private Generation first;
    private Generation generation;
    private UnixSocket device;
    private UnixSocket outgoing;
    private UnixSocket incoming;
    private int memfd;

    /** An incoming session with a memfd (1) and a socket (2), and an outgoing one. */
    @BeforeEach
    void openBothKinds() throws LuoException {
        memfd = Memfd.create("kept", 0);
        first = Generation.start(dir);
        generation = first.successor();
        try (UnixSocket before = Wire.open(dir);
                UnixSocket session = Wire.create(before, "came");
                UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            Wire.preserve(session, memfd, 1).ok();
            Wire.preserve(session, pair.one().fd(), 2).ok();
            first.update(generation);
        }
        device = Wire.open(dir);
        outgoing = Wire.create(device, "goes");
        incoming = Wire.retrieve(device, "came");
    }

    @AfterEach
    void close() {
        device.close();
        outgoing.close();
        incoming.close();
        Fds.close(memfd);
        generation.close();
    }

    private UnixSocket target(String name) {
        return switch (name) {
            case "device" -> device;
            case "outgoing" -> outgoing;
            default -> incoming;
        };
    }

    private static byte[] sized(int size, int bytes) {
        byte[] argument = new byte[bytes];
        Wire.little(argument).putInt(size);
        return argument;
    }

    /** Numbers that are not the target's come first; then the argument, then the whole number, then the direction. */
    @ParameterizedTest
    @CsvSource({
        // target,  command, flags, size, bytes, errno
        "device,   0xBA02, 1, 72, 0, EINVAL",
        "device,   0xBA40, 0, 16, 16, EINVAL",
        "device,   0xBAff, 0, 72, 72, EINVAL",
        "outgoing, 0xBA00, 0, 72, 72, EINVAL",
        "outgoing, 0xBA3f, 1, 72, 0, EINVAL",
        "outgoing, 0xBA44, 0, 72, 72, EINVAL",
        "incoming, 0xBA01, 0, 72, 72, EINVAL",
        "device,   0x4008BA02, 0, 72, 72, EINVAL",
        "device,   0xBA00, 1, 72, 0, EFAULT",
        "device,   0x4008BA00, 1, 72, 0, EFAULT",
        "outgoing, 0xBA41, 1, 16, 0, EFAULT",
        "device,   0x4008BA00, 0, 72, 72, ENOTTY",
        "device,   0xBB00, 0, 72, 72, ENOTTY",
        "outgoing, 0xC010BA40, 0, 16, 16, ENOTTY",
        "outgoing, 0xC010BA41, 0, 1, 4, ENOTTY",
        "incoming, 0xBC43, 0, 1, 4, ENOTTY",
        "outgoing, 0xBA41, 0, 1, 4, EINVAL",
        "outgoing, 0xBA41, 2, 200, 72, EINVAL",
        "outgoing, 0xBA42, 2, 200, 72, EINVAL",
        "incoming, 0xBA40, 2, 200, 72, EINVAL",
        "device,   0xBA00, 0, 71, 71, EINVAL",
        "device,   0xBA00, 0, 0, 0, EINVAL",
        "device,   0xBA00, 0, 3, 4, EINVAL",
        "device,   0xBA01, 0, 8, 8, EINVAL",
        "outgoing, 0xBA40, 0, 15, 15, EINVAL",
        "incoming, 0xBA41, 0, 15, 15, EINVAL",
        "incoming, 0xBA42, 0, 7, 7, EINVAL",
        "incoming, 0xBA43, 0, 71, 71, EINVAL",
        "outgoing, 0xBA43, 4, 71, 40, EINVAL",
        "device,   0xBA00, 2, 73, 72, E2BIG",
        "device,   0xBA00, 6, 9999, 72, E2BIG",
        "outgoing, 0xBA40, 2, -1, 72, E2BIG",
        "incoming, 0xBA42, 2, 100, 72, E2BIG",
        "device,   0xBA00, 4, 100, 72, EFAULT",
        "device,   0xBA00, 4, 72, 40, EFAULT",
        "outgoing, 0xBA40, 4, 16, 8, EFAULT",
        "incoming, 0xBA42, 4, 72, 8, EFAULT",
        "outgoing, 0xBA43, 4, 4096, 4, EFAULT",
    })
    void framingIsCheckedInTheKernelsOrder(String target, String command, int flags, int size, int bytes, Errno errno)
            throws Exception {
        byte[] argument = bytes < 4 ? new byte[bytes] : sized(size, bytes);
        Wire.begin(target(target), Long.decode(command).intValue(), flags, argument)
                .await()
                .refused(errno);
        assertThat(Wire.name(outgoing)).isEqualTo("goes");
    }

    @Test
    void whatIsSentBeyondTheStructureMustBeZero() throws Exception {
        for (int at = 8; at < 72; at++) {
            byte[] argument = plain(72);
            argument[at] = 1;
            Wire.call(incoming, FINISH, argument).refused(Errno.E2BIG);
        }
        byte[] token = Arrays.copyOf(file(9), 40);
        Wire.little(token).putInt(40);
        token[39] = 1;
        Wire.call(outgoing, PRESERVE_FD, token, memfd).refused(Errno.E2BIG);
    }

    @Test
    void aLongerArgumentWithAnEmptyTailIsAccepted() throws Exception {
        byte[] argument = Arrays.copyOf(file(9), 72);
        Wire.little(argument).putInt(1 << 20);
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            Wire.Reply reply = Wire.begin(
                            outgoing, PRESERVE_FD, 0, argument, pair.one().fd())
                    .await()
                    .ok();
            assertThat(reply.argument()).as("what the kernel knows").isEqualTo(Arrays.copyOf(argument, 16));
        }
        byte[] name = plain(72);
        Wire.little(name).putInt(-1);
        assertThat(Wire.little(Wire.call(outgoing, GET_NAME, name).ok().argument())
                        .getInt())
                .as("the size as it was given")
                .isEqualTo(-1);
    }

    @Test
    void namesHaveOneToSixtyThreeBytesOfAnyKind() throws Exception {
        byte[] longest = new byte[64];
        Arrays.fill(longest, (byte) 'A');
        Wire.call(device, CREATE_SESSION, named("")).refused(Errno.EINVAL);
        Wire.call(device, CREATE_SESSION, named(longest)).refused(Errno.EINVAL);
        Wire.call(device, RETRIEVE_SESSION, named("")).refused(Errno.ENOENT);
        Wire.call(device, RETRIEVE_SESSION, named(longest)).refused(Errno.ENOENT);
        longest[63] = 0;
        for (byte[] name : new byte[][] {longest, {1}, {'/'}, {' '}, {(byte) 0xff, '\n', 0x7f}}) {
            try (UnixSocket session =
                    Wire.call(device, CREATE_SESSION, named(name)).socket()) {
                byte[] argument = Wire.call(session, GET_NAME, plain(72)).ok().argument();
                assertThat(Arrays.copyOfRange(argument, 8, 72)).isEqualTo(Arrays.copyOf(name, 64));
            }
        }
    }

    @Test
    void bytesAfterTheNulOfANameAreDropped() throws Exception {
        byte[] argument = named("short");
        argument[20] = 'x';
        try (UnixSocket session = Wire.call(device, CREATE_SESSION, argument).socket()) {
            assertThat(Wire.name(session)).isEqualTo("short");
            Wire.call(device, CREATE_SESSION, named("short")).refused(Errno.EEXIST);
        }
    }

    @Test
    void aCreatedSessionsFdIsCloseOnExecAndTheArgumentComesBack() throws Exception {
        byte[] argument = named("new");
        Wire.Reply reply = Wire.call(device, CREATE_SESSION, argument).ok();
        assertThat(reply.argument()).isEqualTo(argument);
        assertThat(Fds.isCloexec(reply.fd())).isTrue();
        Fds.close(reply.fd());
    }

    @Test
    void namesAreUniqueInEachDirection() throws Exception {
        Wire.call(device, CREATE_SESSION, named("goes")).refused(Errno.EEXIST);
        Wire.create(device, "came").close();
        Wire.call(device, RETRIEVE_SESSION, named("goes")).refused(Errno.ENOENT);
        Wire.call(device, RETRIEVE_SESSION, named("never")).refused(Errno.ENOENT);
        Wire.call(device, RETRIEVE_SESSION, named("came")).refused(Errno.EINVAL);
    }

    @Test
    void preservingIsCheckedInTheKernelsOrder() throws Exception {
        int nowhere = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        int again = FileIo.open(Path.of("/proc/self/fd/" + memfd), FileIo.O_RDWR, 0);
        int other = Memfd.create("other", 0);
        try (UnixSocket second = Wire.create(device, "second")) {
            Wire.preserve(outgoing, other, 1).ok();
            Wire.call(outgoing, PRESERVE_FD, file(1)).refused(Errno.EEXIST);
            Wire.preserve(outgoing, nowhere, 1).refused(Errno.EEXIST);
            Wire.call(outgoing, PRESERVE_FD, file(2)).refused(Errno.EBADF);
            Wire.preserve(outgoing, nowhere, 2).refused(Errno.ENOENT);
            Wire.preserve(outgoing, other, 2).refused(Errno.EBUSY);
            Wire.preserve(second, other, 1).refused(Errno.EBUSY);
            Wire.preserve(outgoing, memfd, -1).ok();
            Wire.preserve(second, again, 0).refused(Errno.EBUSY);
        } finally {
            Fds.close(nowhere);
            Fds.close(again);
            Fds.close(other);
        }
    }

    @Test
    void aRetrievedFileIsTheSameUntilTheSessionIsFinished() throws Exception {
        FileIo.truncate(memfd, 0);
        int one = Wire.retrieve(incoming, 1).fd();
        int two = Wire.retrieve(incoming, 1).fd();
        assertThat(Stat.of(one)).isEqualTo(Stat.of(two)).isEqualTo(Stat.of(memfd));
        assertThat(Fds.isCloexec(one)).isTrue();
        FileIo.seek(one, 5, FileIo.SEEK_SET);
        assertThat(FileIo.position(two)).as("one open file").isEqualTo(5);
        Fds.close(one);
        Fds.close(two);
        Fds.close(Wire.retrieve(incoming, 1).fd());
        Wire.retrieve(incoming, 3).refused(Errno.ENOENT);
        Wire.preserve(outgoing, memfd, 1).refused(Errno.EBUSY);
        Wire.call(incoming, FINISH, plain(8)).ok();
        Wire.call(incoming, FINISH, plain(8)).ok();
        Wire.retrieve(incoming, 1).refused(Errno.ENOENT);
        Wire.preserve(outgoing, memfd, 1).ok();
        assertThat(Wire.name(incoming)).isEqualTo("came");
        Wire.call(device, RETRIEVE_SESSION, named("came")).refused(Errno.EINVAL);
    }

    @Test
    void aFailedRetrieveIsRememberedAndTheHandlerNotAskedAgain() throws Exception {
        generation.sockets.failure = Errno.ENOSPC;
        Wire.retrieve(incoming, 2).refused(Errno.ENOSPC);
        generation.sockets.failure = null;
        Wire.retrieve(incoming, 2).refused(Errno.ENOSPC);
        assertThat(generation.sockets.retrievals).isEqualTo(1);
    }

    @Test
    void finishingIsAllOrNothingAndCanBeTriedAgain() throws Exception {
        byte[] reserved = plain(8);
        reserved[4] = 1;
        Wire.call(incoming, FINISH, reserved).refused(Errno.EINVAL);
        generation.sockets.keeps = true;
        Wire.call(incoming, FINISH, plain(8)).refused(Errno.EBUSY);
        Fds.close(Wire.retrieve(incoming, 1).fd());
        generation.sockets.keeps = false;
        Wire.Reply reply = Wire.call(incoming, FINISH, plain(8)).ok();
        assertThat(reply.argument()).isEqualTo(plain(8));
    }

    @Test
    void theNameIsPaddedWithZerosAndNothingMayBeReserved() throws Exception {
        byte[] argument = plain(72);
        Arrays.fill(argument, 8, 72, (byte) 'z');
        byte[] answer = Wire.call(outgoing, GET_NAME, argument).ok().argument();
        assertThat(Arrays.copyOfRange(answer, 8, 72)).isEqualTo(Arrays.copyOf("goes".getBytes(), 64));
        argument[7] = 1;
        Wire.call(outgoing, GET_NAME, argument).refused(Errno.EINVAL);
        Wire.call(incoming, GET_NAME, argument).refused(Errno.EINVAL);
    }

    @Test
    void anIncomingSessionThatCannotBeFinishedOnCloseCanBeRetrievedAgain() throws Exception {
        generation.sockets.keeps = true;
        incoming.close();
        incoming = Wire.retrieve(device, "came");
        generation.sockets.keeps = false;
        incoming.close();
        Wire.call(device, RETRIEVE_SESSION, named("came")).refused(Errno.ENOENT);
    }

    @Test
    void unusedFlagsOfOtherVersionsAreNoRequests() throws Exception {
        int known = UNREADABLE | TAIL_USED | TAIL_UNREADABLE;
        assertThat(Wire.begin(outgoing, GET_NAME, known + 1, plain(72)).await().errno())
                .isEqualTo(-1);
        assertThat(Wire.begin(incoming, RETRIEVE_FD, 0, new byte[5]).await().errno())
                .as("size 0 and 5 bytes")
                .isEqualTo(-1);
    }
}
