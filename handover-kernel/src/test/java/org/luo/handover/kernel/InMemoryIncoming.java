// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;

/** A double of the orchestrator's incoming side: it keeps what it gets, until it is closed. */
final class InMemoryIncoming implements IncomingSide, AutoCloseable {
    final List<Image> images = new ArrayList<>();
    boolean fails;

    @Override
    public Set<Compatible> readable() {
        return Set.of();
    }

    @Override
    public void rehearse() {
        // nothing to warm up
    }

    @Override
    public void touch() {
        // no freeze is waited for
    }

    @Override
    public void anticipate(Image draft) {
        throw new UnsupportedOperationException("no draft crosses a kexec");
    }

    @Override
    public void deserialize(Image image) throws LuoException {
        if (fails) {
            throw LuoException.of(Errno.ENOENT, "deserialize: nothing reads vm/0x1 (vfio-p1)");
        }
        images.add(image);
    }

    @Override
    public void serve() {
        // nothing to serve
    }

    @Override
    public void publish() {
        // nobody to tell
    }

    @Override
    public void close() {
        images.forEach(image -> image.files().forEach(file -> Fds.close(file.fd())));
        images.clear();
    }
}
