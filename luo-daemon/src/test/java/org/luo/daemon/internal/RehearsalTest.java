// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.linux.UnixSocket;

/** A rehearsal that fails only makes the blackout longer, so nothing else would tell. */
@Timeout(60)
class RehearsalTest {
    @TempDir
    private Path dir;

    @Test
    void aDoorIsOpenedUsedAndClosedAndNothingIsLeft() throws Exception {
        SocketFile socket = new SocketFile("admin", dir.resolve(AdminDoor.SOCKET), UnixSocket.Type.STREAM);
        for (int i = 0; i < 3; i++) {
            Rehearsal.run(Scene.door(dir, new Scene().commands("rehearsed")), socket);
        }
        assertThat(dir).isEmptyDirectory();
    }
}
