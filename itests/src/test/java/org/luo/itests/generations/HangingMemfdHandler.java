// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import java.nio.file.Files;
import java.nio.file.Path;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.handler.memfd.MemfdHandler;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * The memfd handler, but that {@code preserve} does not return, whoever interrupts it, as long as there is a file {@code
 * hang} in the run directory. Put into a bundle by {@link HandlerJar#with}.
 */
public final class HangingMemfdHandler implements FileHandler {
    private final MemfdHandler sound = new MemfdHandler();
    private final Path hang = Path.of(System.getProperty("luo.dir"), "hang");

    @Override
    public Compatible compatible() {
        return sound.compatible();
    }

    @Override
    public Verdict canPreserve(int fd) {
        return sound.canPreserve(fd);
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return sound.identity(fd);
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        while (Files.exists(hang)) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                // on it goes
            }
        }
        return sound.preserve(fd);
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        sound.unpreserve(fd, state);
    }

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        return sound.retrieve(compatible, state);
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {
        sound.finish(state, retrieval);
    }
}
