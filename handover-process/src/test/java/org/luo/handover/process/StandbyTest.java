// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;

/** The successor against predecessors that die or talk nonsense: it serves after COMMIT only, and keeps no fd. */
class StandbyTest {
    private static final long EPOCH = 7;
    private static final int CAPACITY = 8192;

    private int open;
    private Halves halves;
    private InMemoryOutgoingSide outgoing;
    private InMemoryIncomingSide incoming;
    private ImageFile image;
    private Wire wire;

    @BeforeEach
    void start() throws LuoException {
        FdTable.makeRoom(0, 5000);
        open = FdTable.open();
        halves = new Halves();
        outgoing = new InMemoryOutgoingSide(4, 1000);
        incoming = new InMemoryIncomingSide();
        image = ImageFile.create(CAPACITY);
        wire = halves.predecessor;
        halves.standBy(incoming);
        Answers.expect(wire, Kind.HELLO, 0, Halves.PATIENCE);
    }

    @AfterEach
    void noFdIsLeft() throws Exception {
        halves.close();
        outgoing.close();
        incoming.close();
        image.close();
        assertThat(FdTable.open()).isEqualTo(open);
    }

    /** How far a predecessor gets that then goes. */
    enum Until {
        NOTHING,
        PREPARE,
        BEGIN,
        BATCH,
        IMAGE
    }

    @ParameterizedTest
    @EnumSource
    void aPredecessorThatDiesBeforeCommitIsNotSucceeded(Until last) throws Exception {
        pass(last);
        wire.close();
        assertThat(halves.failure()).isInstanceOf(LuoException.class).hasMessageContaining("has gone");
        assertThat(incoming.calls).doesNotContain("serve");
    }

    @Test
    void aPredecessorThatDiesAfterCommitIsSucceeded() throws Exception {
        pass(Until.IMAGE);
        Answers.expect(wire, Kind.READY, EPOCH, Halves.PATIENCE);
        say(Kind.COMMIT, EPOCH);
        wire.close();
        assertThat(halves.failure()).isNull();
        assertThat(incoming.calls).containsExactly("deserialize", "serve", "publish");
    }

    @Test
    void aPredecessorThatDiesAfterCommitIsSucceededThoughADoorDoesNotOpen() throws Exception {
        pass(Until.IMAGE);
        Answers.expect(wire, Kind.READY, EPOCH, Halves.PATIENCE);
        incoming.serveFails = true;
        incoming.whenServing = wire::close;
        say(Kind.COMMIT, EPOCH);
        assertThat(halves.failure()).isNull();
        assertThat(incoming.calls).containsExactly("deserialize", "serve", "publish");
    }

    @Test
    void aPredecessorThatDiesWithTheAnswerUnreadIsSucceeded() throws Exception {
        pass(Until.IMAGE);
        say(Kind.COMMIT, EPOCH);
        Thread.sleep(100);
        wire.close();
        // COMMIT went out before READY was read, which no predecessor of ours does, but it is a COMMIT.
        assertThat(halves.failure()).isNull();
        assertThat(incoming.calls).containsExactly("deserialize", "serve", "publish");
    }

    @ParameterizedTest
    @CsvSource({"FREEZING, 4", "BEGIN, 4", "BATCH, 4", "IMAGE, 4", "COMMIT, 4", "BEGIN, 8", "COMMIT, 8"})
    void aMessageOfAnotherEpochIsRefused(Kind kind, long epoch) throws Exception {
        pass(kind.compareTo(Kind.BEGIN) <= 0 ? Until.PREPARE : kind == Kind.BATCH ? Until.BEGIN : Until.BATCH);
        switch (kind) {
            case BEGIN -> begin(epoch, 4);
            case BATCH -> batch(epoch, 0, 4, 4, 0);
            case IMAGE -> image(epoch, 1000);
            default -> say(kind, epoch);
        }
        assertRefused(Errno.ESTALE, "of epoch " + epoch);
    }

    @Test
    void anEpochThatHasBeenIsRefused() throws Exception {
        prepare(EPOCH, OutgoingPass.REHEARSAL);
        begin(EPOCH, 0);
        image.write(ByteBuffer.wrap(outgoing.bytes));
        image(EPOCH, 1000);
        Answers.expect(wire, Kind.READY, EPOCH, Halves.PATIENCE);
        say(Kind.COMMIT, EPOCH);
        Answers.expect(wire, Kind.CONFIRM, EPOCH, Halves.PATIENCE);
        sendPrepare(EPOCH, 0, 0, 100, CAPACITY);
        assertRefused(Errno.ESTALE, "PREPARE of epoch 7 after 7");
    }

    @Test
    void aRehearsalMakesNobodyTheOwner() throws Exception {
        prepare(EPOCH, OutgoingPass.REHEARSAL);
        begin(EPOCH, 4);
        batch(EPOCH, 0, 4, 4, 0);
        image.write(ByteBuffer.wrap(outgoing.bytes));
        image(EPOCH, 1000);
        Answers.expect(wire, Kind.READY, EPOCH, Halves.PATIENCE);
        say(Kind.COMMIT, EPOCH);
        Answers.expect(wire, Kind.CONFIRM, EPOCH, Halves.PATIENCE);
        say(Kind.COMMIT, EPOCH);
        assertRefused(Errno.ESTALE, "COMMIT of epoch 7, not prepared");
        assertThat(incoming.calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 4", "0, 3, 4", "0, 4, 3", "0, 5, 5", "-1, 4, 4", "0, -4, 4", "0, 0, 1"})
    void aBatchThatDoesNotFitIsRefused(int index, int count, int sent) throws Exception {
        pass(Until.BEGIN);
        batch(EPOCH, index, count, sent, 0);
        assertRefused(Errno.EBADMSG, "");
    }

    @Test
    void anotherFileThanWasSentIsRefused() throws Exception {
        pass(Until.BEGIN);
        batch(EPOCH, 0, 4, 4, 1);
        assertRefused(Errno.EBADMSG, "fd 0 is device 0x");
    }

    @Test
    void aBatchTwiceIsRefused() throws Exception {
        pass(Until.BATCH);
        batch(EPOCH, 0, 4, 4, 0);
        assertRefused(Errno.EBADMSG, "BATCH of 4 fds, 4 from 0 on, after 4 of 4");
    }

    @Test
    void aMissingBatchIsNoticed() throws Exception {
        pass(Until.BEGIN);
        batch(EPOCH, 0, 2, 2, 0);
        image(EPOCH, 1000);
        assertRefused(Errno.EBADMSG, "IMAGE after 2 of 4 fds");
    }

    @Test
    void moreFdsThanThereIsRoomForAreRefused() throws Exception {
        pass(Until.PREPARE);
        begin(EPOCH, Integer.MAX_VALUE);
        assertRefused(Errno.EMFILE, "2147483647 fds to come");
    }

    @Test
    void noRoomForTheLeastIsRefusedBeforeTheFreeze() throws Exception {
        sendPrepare(EPOCH, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, CAPACITY);
        assertRefused(Errno.EMFILE, "RLIMIT_NOFILE");
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "8193", "9223372036854775807", "-9223372036854775808"})
    void anImageThatIsNotThereIsRefused(long length) throws Exception {
        pass(Until.BATCH);
        image.write(ByteBuffer.wrap(outgoing.bytes));
        image(EPOCH, length);
        assertRefused(Errno.EBADMSG, "bytes announced, its file has 8192");
    }

    @Test
    void anImageThatMayBeCutIsRefused() throws Exception {
        pass(Until.BATCH);
        image(EPOCH, 1000);
        assertRefused(Errno.EBADMSG, "not sealed");
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0, 8193", "0, 0, 0, 0", "0, 0, 0, -1", "0, -1, 5, 8192", "0, 5, 4, 8192"})
    void aPrepareThatMakesNoSenseIsRefused(int flags, int least, int most, long capacity) throws Exception {
        sendPrepare(EPOCH, flags, least, most, capacity);
        assertRefused(Errno.EBADMSG, "");
    }

    @Test
    void anImageThatIsNoFileIsRefused() throws Exception {
        int directory = FileIo.open(Path.of("/tmp"), FileIo.O_RDONLY, 0);
        wire.compose(Kind.PREPARE, EPOCH).putInt(0).putInt(0).putInt(0).putLong(40);
        wire.send(new int[] {directory}, 0, 1);
        Fds.close(directory);
        assertRefused(Errno.ENODEV, "map 40 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {Options.MAX_REHEARSAL + 1, -1})
    void aRehearsalWithoutEndIsRefused(int millis) throws Exception {
        wire.compose(Kind.REHEARSE, EPOCH).putInt(millis);
        wire.send();
        assertRefused(Errno.EBADMSG, "REHEARSE for " + Integer.toUnsignedString(millis) + " ms");
    }

    @Test
    void commitBeforeReadyIsRefused() throws Exception {
        pass(Until.BATCH);
        say(Kind.COMMIT, EPOCH);
        assertRefused(Errno.EBADMSG, "COMMIT before READY");
    }

    @Test
    void aSecondImageIsRefused() throws Exception {
        pass(Until.IMAGE);
        Answers.expect(wire, Kind.READY, EPOCH, Halves.PATIENCE);
        image(EPOCH, 1000);
        assertRefused(Errno.EBADMSG, "second IMAGE");
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO", "REHEARSED", "PREPARED", "READY", "CONFIRM", "HEALTHY", "REFUSED"})
    void aSuccessorsOwnMessageIsRefused(Kind kind) throws Exception {
        wire.compose(kind, EPOCH).put(new byte[kind == Kind.READY ? 20 : kind.fits(0, 0) ? 0 : 30]);
        wire.send();
        assertRefused(Errno.EBADMSG, kind.name());
    }

    private void pass(Until last) throws LuoException {
        if (last.compareTo(Until.PREPARE) >= 0) {
            prepare(EPOCH, 0);
        }
        if (last.compareTo(Until.BEGIN) >= 0) {
            begin(EPOCH, 4);
        }
        if (last.compareTo(Until.BATCH) >= 0) {
            batch(EPOCH, 0, 4, 4, 0);
        }
        if (last.compareTo(Until.IMAGE) >= 0) {
            image.write(ByteBuffer.wrap(outgoing.bytes));
            image(EPOCH, 1000);
        }
    }

    private void prepare(long epoch, int flags) throws LuoException {
        sendPrepare(epoch, flags, 4, 100, CAPACITY);
        Answers.expect(wire, Kind.PREPARED, epoch, Halves.PATIENCE);
    }

    private void sendPrepare(long epoch, int flags, int least, int most, long capacity) throws LuoException {
        wire.compose(Kind.PREPARE, epoch)
                .putInt(flags)
                .putInt(least)
                .putInt(most)
                .putLong(capacity);
        wire.send(new int[] {image.readOnlyFd()}, 0, 1);
    }

    private void begin(long epoch, int count) throws LuoException {
        wire.compose(Kind.BEGIN, epoch).putInt(count);
        wire.send();
    }

    /** Says {@code count} from {@code index} on and sends the first so many files, the inodes wrong by an offset. */
    private void batch(long epoch, int index, int count, int sent, int wrong) throws LuoException {
        ByteBuffer out = wire.compose(Kind.BATCH, epoch).putInt(index).putInt(count);
        int[] fds = new int[sent];
        for (int i = 0; i < sent; i++) {
            OpenFile file = outgoing.files.get(i % outgoing.files.size());
            fds[i] = file.fd();
            out.putLong(file.identity().device()).putLong(file.identity().inode() + wrong);
        }
        wire.send(fds, 0, sent);
    }

    private void image(long epoch, long length) throws LuoException {
        wire.compose(Kind.IMAGE, epoch).putLong(length);
        wire.send();
    }

    private void say(Kind kind, long epoch) throws LuoException {
        wire.compose(kind, epoch);
        wire.send();
    }

    private void assertRefused(Errno errno, String reason) throws Exception {
        Kind kind;
        do {
            kind = wire.receive(Halves.PATIENCE);
        } while (kind != Kind.REFUSED);
        assertThat(Errno.of(wire.body().getInt())).isEqualTo(errno);
        assertThat(Wire.printable(wire.body())).contains(reason);
        assertThat(halves.failure()).isInstanceOf(LuoException.class);
        assertThat(incoming.calls).doesNotContain("serve");
    }
}
