// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.fuzz.Trial;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.spi.PluginState;

/** The state of a memfd: whatever is taken says what the file is, and the file stays as it is. */
class MemfdStateFuzzTest {
    private static final MemfdHandler HANDLER = new MemfdHandler();
    private static int fd;

    @BeforeAll
    static void open() throws LuoException {
        fd = Memfd.create("fuzz", Memfd.MFD_ALLOW_SEALING);
        FileIo.truncate(fd, 8192);
        FileIo.seek(fd, 17, FileIo.SEEK_SET);
    }

    @AfterAll
    static void close() {
        Fds.close(fd);
    }

    static Stream<byte[]> seeds() throws LuoException {
        return Stream.of(HANDLER.preserve(fd).data());
    }

    @MethodSource("seeds")
    @FuzzTest
    void retrieve(byte[] data) {
        Trial.run(() -> assertThat(MemfdCodec.encode(MemfdCodec.decode(data))).isEqualTo(data), Errno.EBADMSG);
        Trial.run(
                () -> {
                    assertThat(HANDLER.retrieve(HANDLER.compatible(), PluginState.of(data, fd)))
                            .isEqualTo(fd);
                    assertThat(FileIo.position(fd)).isEqualTo(17);
                },
                Errno.EBADMSG);
    }
}
