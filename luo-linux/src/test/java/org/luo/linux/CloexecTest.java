// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class CloexecTest {
    private final List<Integer> made = new ArrayList<>();

    @Test
    void everyFdThatIsMadeIsCloseOnExec(@TempDir Path directory) throws Exception {
        int memfd = add(Memfd.create("cloexec", 0));
        add(Fds.duplicate(memfd));
        add(Fds.duplicateAtLeast(memfd, 100));
        add(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0));
        Path path = directory.resolve("socket");
        UnixSocket listening = UnixSocket.listen(UnixSocket.Type.SEQPACKET, path, 1);
        UnixSocket connected = UnixSocket.connect(UnixSocket.Type.SEQPACKET, path);
        UnixSocket accepted = listening.accept();
        connected.send(new byte[1], memfd);
        add(accepted.receive(new byte[1]).fds()[0]);
        add(listening.release());
        add(connected.release());
        add(accepted.release());
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        add(pair.one().release());
        add(pair.other().release());
        try (EventFd event = EventFd.create();
                Pidfd self = Pidfd.open(ProcessHandle.current().pid())) {
            assertThat(Fds.isCloexec(event.fd())).isTrue();
            assertThat(Fds.isCloexec(self.fd())).isTrue();
        } finally {
            made.forEach(Fds::close);
        }
    }

    @Test
    void anAdoptedSocketBecomesCloseOnExec() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            int fd = pair.one().release();
            Fds.setCloexec(fd, false);
            try (UnixSocket adopted = UnixSocket.adopt(fd)) {
                assertThat(Fds.isCloexec(adopted.fd())).isTrue();
                assertThat(adopted.type()).isEqualTo(UnixSocket.Type.STREAM);
            }
        }
    }

    private int add(int fd) throws Exception {
        assertThat(Fds.isCloexec(fd)).isTrue();
        made.add(fd);
        return fd;
    }
}
