// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Core;
import org.luo.core.internal.OrchestratorImpl;
import org.luo.core.internal.Owner;
import org.luo.core.internal.Registration;
import org.luo.fuzz.Trial;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.pin.PinTable;
import org.luo.testkit.InMemoryFileDescriptors;
import org.luo.testkit.Journal;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** A process with the real orchestrator and files in memory: one that writes images, or one that is given them. */
final class Process {
    private static final int MOST_FDS = 300;

    final InMemoryFileDescriptors fds = new InMemoryFileDescriptors();
    final Core core;
    final OrchestratorImpl orchestrator;
    final List<OutgoingSession> sessions = new ArrayList<>();
    private final PinTable pins = new PinTable(bundle -> Set.of());

    Process() throws LuoException {
        Journal journal = new Journal();
        core = new Core(fds, pins, new Owner(1, "core"), Core.Host.NONE);
        orchestrator = new OrchestratorImpl(core, kind -> null);
        core.handlers()
                .add(Registration.of(
                        new RecordingHandler("memfd", journal, fds).needing("shared-v1"), new Owner(2, "memfd")));
        core.flbs().add(Registration.of(new RecordingFlb("shared", journal), new Owner(3, "shared")));
    }

    /** A serving one with so many sessions, vm0 and so on, of so many files. */
    static Process serving(int sessions, int files) throws LuoException {
        Process process = new Process();
        process.core.serve();
        for (int s = 0; s < sessions; s++) {
            OutgoingSession session = process.orchestrator.createSession(SessionName.of("vm" + s));
            process.sessions.add(session);
            for (int f = 0; f < files; f++) {
                process.preserve(session, f);
            }
        }
        return process;
    }

    void preserve(OutgoingSession session, int token) throws LuoException {
        session.preserve(fds.open("f" + token), Token.of(token));
    }

    static byte[] bytes(Image image) {
        byte[] bytes = new byte[image.bytes().remaining()];
        image.bytes().duplicate().get(bytes);
        return bytes;
    }

    /** With length and checksum made right, since no mutation could. */
    static byte[] sealed(byte[] input) {
        byte[] bytes = input.clone();
        ByteBuffer image = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        image.putLong(Layout.H_LENGTH, bytes.length);
        return image.putInt(Layout.H_CRC, new ImageBytes(image).crc()).array();
    }

    /** The image is taken, and all of it can be let go of; or it is refused and has changed nothing. Returns which. */
    boolean attempt(byte[] bytes) throws LuoException {
        Image image = image(bytes);
        String open = fds.toString();
        Map<Long, Integer> pinned = pins.pinned();
        boolean taken = Trial.run(() -> core.incoming().deserialize(image), Errno.EBADMSG, Errno.ENOENT);
        if (taken) {
            core.serve();
            core.incoming().publish();
            finishAll();
            assertThat(fds.openCount()).as("%s", fds).isZero();
            assertThat(pins.pinned()).isEmpty();
        } else {
            assertThat(fds).hasToString(open);
            assertThat(pins.pinned()).isEqualTo(pinned);
        }
        assertThat(orchestrator.files()).isEmpty();
        assertThat(fds.strayCloses()).isZero();
        return taken;
    }

    /** With as many files as the header speaks of. */
    Image image(byte[] bytes) throws LuoException {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int count = bytes.length < Layout.HEADER ? 0 : in.getInt(Layout.H_FDS);
        List<OpenFile> files = new ArrayList<>();
        for (int i = 0; i < Math.clamp(count, 0, MOST_FDS); i++) {
            int fd = fds.open("f" + i);
            files.add(new OpenFile(fd, fds.identity(fd)));
        }
        return new Image(in, files);
    }

    private void finishAll() throws LuoException {
        for (SessionInfo info : orchestrator.sessions()) {
            try (IncomingSession session = orchestrator.retrieveSession(info.name())) {
                session.finish();
            }
        }
    }
}
