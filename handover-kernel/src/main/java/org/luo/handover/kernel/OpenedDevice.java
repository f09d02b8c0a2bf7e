// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.LiveUpdate;

/** Opens the device, for as long as it takes to get one session: others want it too. The last way, always gone. */
final class OpenedDevice implements Way {
    private final Machine machine;
    private final Path device;

    OpenedDevice(Machine machine, Path device) {
        this.machine = machine;
        this.device = device;
    }

    @Override
    public String name() {
        return "by opening " + device;
    }

    @Override
    public void require(boolean creating) {
        // whether it can be opened, opening it says
    }

    @Override
    public boolean canAsk() {
        return true;
    }

    @Override
    public int createSession(String name) throws LuoException {
        int fd = open();
        try {
            return LiveUpdate.createSession(fd, bytes(name));
        } finally {
            Fds.close(fd);
        }
    }

    @Override
    public int retrieveSession(String name) throws LuoException {
        int fd = open();
        try {
            return LiveUpdate.retrieveSession(fd, bytes(name));
        } finally {
            Fds.close(fd);
        }
    }

    private int open() throws LuoException {
        try {
            return LiveUpdate.open(device);
        } catch (LuoException e) {
            throw LuoException.of(e.errno(), machine.whyNoDevice(e.errno()), e);
        }
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }
}
