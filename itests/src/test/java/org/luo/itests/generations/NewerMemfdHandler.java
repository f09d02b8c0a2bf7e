// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import java.nio.ByteBuffer;
import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.memfd.MemfdHandler;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * The memfd handler's next version, as its vendor might make it: it writes {@code memfd-p2}, a byte of its own before
 * what {@code memfd-p1} has, and reads both. Put into a bundle by {@link HandlerJar#newer}.
 */
public final class NewerMemfdHandler implements FileHandler {
    private static final Compatible COMPATIBLE = Compatible.of("memfd-p2");
    private static final byte MARK = 2;

    private final MemfdHandler older = new MemfdHandler();

    private static PluginState marked(PluginState state) {
        byte[] data = state.data();
        return new PluginState(
                ByteBuffer.allocate(data.length + 1).put(MARK).put(data).array(), state.fds());
    }

    private static PluginState unmarked(PluginState state) {
        ByteBuffer data = ByteBuffer.wrap(state.data());
        if (!data.hasRemaining() || data.get() != MARK) {
            throw new IllegalArgumentException("a state that is not in the format " + COMPATIBLE);
        }
        byte[] rest = new byte[data.remaining()];
        data.get(rest);
        return new PluginState(rest, state.fds());
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public List<Compatible> reads() {
        return List.of(older.compatible());
    }

    @Override
    public Verdict canPreserve(int fd) {
        return older.canPreserve(fd);
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return older.identity(fd);
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        return marked(older.preserve(fd));
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        older.unpreserve(fd, unmarked(state));
    }

    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        return marked(older.freeze(fd, unmarked(state)));
    }

    /** Either format, and nothing else. */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (compatible.equals(COMPATIBLE)) {
            return older.retrieve(older.compatible(), unmarked(state));
        }
        if (!reads().contains(compatible)) {
            throw LuoException.of(Errno.EBADMSG, "state in the format " + compatible);
        }
        return older.retrieve(compatible, state);
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {
        // as the older one: nothing to free
    }
}
