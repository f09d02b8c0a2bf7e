// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;

/** A double of the orchestrator's incoming side, which keeps what it is given, and a record of calls. */
final class InMemoryIncomingSide implements IncomingSide, AutoCloseable {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<OpenFile> files = new ArrayList<>();
    Set<Compatible> readable = Set.of(InMemoryOutgoingSide.FORMAT);
    final List<OpenFile> drafted = new ArrayList<>();
    byte[] bytes;
    boolean anticipateFails;
    boolean deserializeFails;
    boolean serveFails;
    Runnable whenServing = () -> {};

    @Override
    public Set<Compatible> readable() {
        return readable;
    }

    @Override
    public void touch() {
        calls.add("touch");
    }

    @Override
    public void rehearse() {
        if (!calls.contains("rehearse")) {
            calls.add("rehearse");
        }
    }

    @Override
    public void anticipate(Image draft) throws LuoException {
        calls.add("anticipate");
        if (anticipateFails) {
            throw LuoException.of(Errno.EBADMSG, "draft: offset 12: not so");
        }
        drafted.addAll(draft.files());
    }

    @Override
    public void deserialize(Image image) throws LuoException {
        calls.add("deserialize");
        if (deserializeFails) {
            throw LuoException.of(Errno.EBADMSG, "image: offset 12: not\u001b[31m so");
        }
        bytes = new byte[image.bytes().remaining()];
        image.bytes().duplicate().get(bytes);
        files.addAll(image.files());
    }

    @Override
    public void serve() throws LuoException {
        calls.add("serve");
        whenServing.run();
        if (serveFails) {
            throw LuoException.of(Errno.EADDRINUSE, "door admin does not open");
        }
    }

    @Override
    public void publish() {
        calls.add("publish");
    }

    @Override
    public void close() {
        files.forEach(file -> Fds.close(file.fd()));
        drafted.forEach(file -> Fds.close(file.fd()));
    }
}
