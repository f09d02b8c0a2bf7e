// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileDescriptors;
import org.luo.spi.PluginState;

/**
 * A plug-in's state, with the identity of each of its fds.
 *
 * @param state the plug-in's bytes and fds
 * @param files the same fds, identified
 */
public record Carried(PluginState state, List<OpenFile> files) {
    /** A state as it came over. */
    public static Carried of(byte[] data, List<OpenFile> files) {
        if (files.size() == 1) {
            OpenFile only = files.getFirst();
            return new Carried(PluginState.of(data, only.fd()), List.of(only));
        }
        List<Integer> fds = files.stream().map(OpenFile::fd).toList();
        return new Carried(new PluginState(data, fds), List.copyOf(files));
    }

    /** Identifies the fds of a state. */
    static Carried of(PluginState state, FileDescriptors fds) throws LuoException {
        if (state.fds().isEmpty()) {
            return new Carried(state, List.of());
        }
        if (state.fds().size() == 1) {
            int only = state.fds().getFirst();
            return new Carried(state, List.of(new OpenFile(only, fds.identity(only))));
        }
        List<OpenFile> files = new ArrayList<>(state.fds().size());
        for (int fd : state.fds()) {
            files.add(new OpenFile(fd, fds.identity(fd)));
        }
        return new Carried(state, files);
    }

    /** The successor of this one after a callback: identities are looked up again only if the fds changed. */
    Carried with(PluginState changed, FileDescriptors fds) throws LuoException {
        if (changed == state) {
            return this;
        }
        return changed.fds().equals(state.fds()) ? new Carried(changed, files) : of(changed, fds);
    }
}
