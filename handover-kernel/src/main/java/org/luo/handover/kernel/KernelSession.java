// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.HashMap;
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

    private final LiveUpdateKernel kernel;
    private final Map<FileIdentity, Long> tokens = new HashMap<>();
    private final int fd;

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
     * Gives it a file, unless it has it.
     *
     * @return the file's token
     * @throws LuoException what the kernel says of it
     */
    long preserve(OpenFile file) throws LuoException {
        long token = Envelope.TOKEN + 1 + tokens.size();
        Long known = tokens.putIfAbsent(file.identity(), token);
        if (known != null) {
            return known;
        }
        try {
            kernel.preserve(fd, file.fd(), token);
            return token;
        } catch (LuoException e) {
            tokens.remove(file.identity());
            throw e;
        }
    }

    /**
     * Gives it all files of an image.
     *
     * @return their tokens, in order
     */
    long[] preserve(List<OpenFile> files) throws LuoException {
        long[] all = new long[files.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = preserve(files.get(i));
        }
        return all;
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
