// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.linux.Fds;
import org.luo.spi.FileIdentity;

/**
 * An outgoing session of the kernel's. It keeps a file from when it is given one: while others still write to it, and
 * whoever closes it. Closing the session lets go of all of them, unless another process has it too.
 */
final class KernelSession implements AutoCloseable {
    /** What the platform's session is called. */
    static final String NAME = "org.luo";

    /** So many files do not make its map grow. */
    private static final int MANY = 2048;

    private final LiveUpdateKernel kernel;
    private final Map<FileIdentity, Long> tokens = HashMap.newHashMap(MANY);
    private final int fd;

    /** The token of the next file. */
    private long next = Envelope.TOKEN + 1;

    /** A file that it is to get, in one place. */
    private record Due(int fd, long token, FileIdentity identity) {}

    private KernelSession(LiveUpdateKernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /** @throws LuoException why there can't be one: EEXIST if another platform of this machine has one */
    static KernelSession create(LiveUpdateKernel kernel, String name) throws LuoException {
        return new KernelSession(kernel, kernel.createSession(name));
    }

    int fd() {
        return fd;
    }

    /** How many files it keeps, the envelope not counted. */
    int files() {
        return tokens.size();
    }

    /**
     * Gives it files, those that it has left out, and goes on when one is refused. All that is to be known of them is
     * settled before the first: what the kernel does for a file drives everything else out of the processor's caches.
     *
     * @return what the kernel says of the files that it refuses
     */
    Map<FileIdentity, LuoException> preserveAll(List<OpenFile> files) {
        List<Due> due = new ArrayList<>(files.size());
        files.forEach(file -> {
            if (tokens.putIfAbsent(file.identity(), next) == null) {
                due.add(new Due(file.fd(), next++, file.identity()));
            }
        });
        Map<FileIdentity, LuoException> refused = new LinkedHashMap<>();
        due.forEach(file -> preserve(file, refused));
        tokens.keySet().removeAll(refused.keySet());
        return refused;
    }

    private void preserve(Due file, Map<FileIdentity, LuoException> refused) {
        try {
            kernel.preserve(fd, file.fd(), file.token());
        } catch (LuoException e) {
            refused.put(file.identity(), e);
        }
    }

    /**
     * Gives it all files of an image, those that it has left out.
     *
     * @return their tokens, in order
     * @throws LuoException what the kernel says of the first that it refuses
     */
    long[] preserve(List<OpenFile> files) throws LuoException {
        Iterator<LuoException> refused = preserveAll(files).values().iterator();
        if (refused.hasNext()) {
            throw refused.next();
        }
        return files.stream().mapToLong(file -> tokens.get(file.identity())).toArray();
    }

    /** Gives it the envelope, once and last. */
    void preserveEnvelope(Envelope envelope) throws LuoException {
        int file = envelope.write();
        try {
            kernel.preserve(fd, file, Envelope.TOKEN);
        } finally {
            Fds.close(file); // the kernel holds it
        }
    }

    /** Closes the fd here, which ends the session unless somebody else holds it. */
    @Override
    public void close() {
        kernel.close(fd);
    }
}
