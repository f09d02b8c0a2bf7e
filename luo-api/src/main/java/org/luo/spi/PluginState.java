// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import java.util.Arrays;
import java.util.List;
import org.luo.Amount;

/**
 * What a plug-in wants carried over: bytes in a layout of its own, and open files.
 *
 * <p>The orchestrator hands both back unchanged, in the same order; fd numbers differ in the successor. On the outgoing
 * side the fds stay the plug-in's, or the orchestrator's where it lent them, and must stay open until the state is
 * replaced or let go.
 *
 * @param data the bytes; not copied, not to be changed afterwards
 * @param fds the fds; unmodifiable
 */
public record PluginState(byte[] data, List<Integer> fds) {
    /** Most bytes of one state. */
    public static final int MAX_BYTES = 16 << 20;

    /** Most fds of one state. */
    public static final int MAX_FDS = 253;

    private static final PluginState EMPTY = new PluginState(new byte[0], List.of());

    /** @throws IllegalArgumentException if there are more bytes or fds than can go over */
    public PluginState {
        if (data.length > MAX_BYTES || fds.size() > MAX_FDS) {
            throw new IllegalArgumentException("state of " + data.length + " bytes and " + Amount.of(fds.size(), "fd")
                    + ": at most " + MAX_BYTES + " and " + MAX_FDS + " can go over");
        }
        fds = List.copyOf(fds);
    }

    /** Bytes only. */
    public static PluginState of(byte[] data) {
        return new PluginState(data, List.of());
    }

    /** Bytes and one fd. */
    public static PluginState of(byte[] data, int fd) {
        return new PluginState(data, List.of(fd));
    }

    /** Nothing at all. */
    public static PluginState empty() {
        return EMPTY;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PluginState that && Arrays.equals(data, that.data) && fds.equals(that.fds);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(data) + fds.hashCode();
    }

    @Override
    public String toString() {
        return data.length + " bytes, fds " + fds;
    }
}
