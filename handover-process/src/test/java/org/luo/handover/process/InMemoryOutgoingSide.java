// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Draft;
import org.luo.handover.FileName;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.OutgoingSide;
import org.luo.handover.PassengerList;
import org.luo.handover.Substitute;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;

/** A double of the orchestrator's outgoing side: real memfds, an image that says nothing, and a record of calls. */
final class InMemoryOutgoingSide implements OutgoingSide, AutoCloseable {
    static final Compatible FORMAT = Compatible.of("test-v1");

    final List<String> calls = new CopyOnWriteArrayList<>();
    final byte[] bytes;
    final List<OpenFile> files = new ArrayList<>();
    boolean freezeFails;
    boolean draftFails;

    InMemoryOutgoingSide(int files, int imageBytes) throws LuoException {
        for (int i = 0; i < files; i++) {
            int fd = Memfd.create("test", Memfd.MFD_ALLOW_SEALING);
            Stat stat = Stat.of(fd);
            this.files.add(new OpenFile(fd, new FileIdentity(stat.device(), stat.inode())));
        }
        this.bytes = new byte[imageBytes];
        for (int i = 0; i < imageBytes; i++) {
            bytes[i] = (byte) (i * 31 >> 3);
        }
    }

    @Override
    public Map<Compatible, List<String>> needs() {
        return files.isEmpty() ? Map.of() : Map.of(FORMAT, Collections.nCopies(files.size(), "vm1/0x1"));
    }

    @Override
    public long liveUpdates() {
        return 4;
    }

    @Override
    public void rehearse() {
        if (!calls.contains("rehearse")) {
            calls.add("rehearse");
        }
    }

    @Override
    public Draft draft() throws LuoException {
        if (draftFails) {
            throw LuoException.of(Errno.EMFILE, "duplicate fd: no room");
        }
        calls.add("draft");
        return new InMemoryDraft(image());
    }

    @Override
    public PassengerList passengers() {
        throw new UnsupportedOperationException("nobody asks in a process handover");
    }

    /** Everything has changed since. */
    @Override
    public Frozen freeze(Draft taken) throws LuoException {
        calls.add("draft taken");
        return freeze();
    }

    private Image image() {
        ByteBuffer image = ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return new Image(image, List.copyOf(files));
    }

    /** Has no fds of its own. */
    private record InMemoryDraft(Image image) implements Draft {
        @Override
        public void touch() {
            // nothing to look at
        }

        @Override
        public void close() {
            // nothing to close
        }
    }

    @Override
    public Frozen freezeForKernel(Map<FileName, Substitute> left) {
        throw new UnsupportedOperationException("no kexec in a process handover");
    }

    @Override
    public Frozen freeze() throws LuoException {
        if (freezeFails) {
            throw LuoException.of(Errno.EIO, "freeze vm1/0x1: no");
        }
        calls.add("freeze");
        return new InMemoryFrozen(image());
    }

    @Override
    public void close() {
        files.forEach(file -> Fds.close(file.fd()));
    }

    private final class InMemoryFrozen implements Frozen {
        private final Image image;

        InMemoryFrozen(Image image) {
            this.image = image;
        }

        @Override
        public Image image() {
            return image;
        }

        @Override
        public int sessions() {
            return 1;
        }

        @Override
        public int files() {
            return files.size();
        }

        @Override
        public void fence() {
            // nothing has begun
        }

        @Override
        public void unfreeze() {
            calls.add("unfreeze");
        }

        @Override
        public void relinquish(String successor) {
            calls.add("relinquish");
        }
    }
}
