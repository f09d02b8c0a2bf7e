// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.daemon.internal.SocketFile;
import org.luo.daemon.internal.device.SessionFds;
import org.luo.linux.UnixSocket;

/** A rehearsal that fails only makes the blackout longer, so nothing else would tell. */
@Timeout(60)
class RehearsalTest {
    private static final SessionFds NONE = session -> {
        throw LuoException.of(Errno.EAGAIN, "open a session in a rehearsal");
    };

    @TempDir
    private Path dir;

    @Test
    void aDoorIsOpenedUsedAndClosedAndNothingIsLeft() throws Exception {
        Path path = dir.resolve(AgentDoor.SOCKET);
        for (int i = 0; i < 3; i++) {
            AgentDoor door = new AgentDoor(path, AgentDoor.mode("600"), true, NONE, UnixSocket::peer);
            Rehearsal.run(door, new SocketFile("agent", path, UnixSocket.Type.STREAM));
        }
        assertThat(dir).isEmptyDirectory();
    }
}
