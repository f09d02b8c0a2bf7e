// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.nio.ByteBuffer;
import java.util.Map;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;

/** The contract also fits a handler whose state is bytes only, and which makes a new file of them. */
class CopyHandlerTest extends NoteContract {
    @Override
    protected FileHandler handler() {
        return new NoteHandler() {
            @Override
            public PluginState preserve(int fd) throws LuoException {
                super.unpreserve(fd, super.preserve(fd));
                return copy(fd);
            }

            @Override
            public PluginState freeze(int fd, PluginState state) throws LuoException {
                return copy(fd);
            }

            @Override
            public int retrieve(Compatible compatible, PluginState state) throws LuoException {
                if (state.data().length != 4 || !state.fds().isEmpty()) {
                    throw LuoException.of(Errno.EBADMSG, "copied note: " + state);
                }
                int fd = create();
                try {
                    write(fd, ByteBuffer.wrap(state.data()).getInt());
                    return fd;
                } catch (LuoException e) {
                    Fds.close(fd);
                    throw e;
                }
            }
        };
    }

    private static PluginState copy(int fd) throws LuoException {
        return PluginState.of(
                ByteBuffer.allocate(4).putInt(NoteHandler.read(fd)).array());
    }

    @Override
    protected Map<Compatible, PluginState> oldStates(int fd) throws LuoException {
        return Map.of(Compatible.of("note-v1"), copy(fd));
    }
}
