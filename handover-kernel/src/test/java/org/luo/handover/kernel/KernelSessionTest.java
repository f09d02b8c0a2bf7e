// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileIdentity;
import org.luo.testkit.NoFdLeft;

/** Which files a session has under which tokens, with a double of the kernel. */
@ExtendWith(NoFdLeft.class)
class KernelSessionTest {
    private final InMemoryKernel kernel = new InMemoryKernel();
    private final InMemoryOutgoing outgoing = new InMemoryOutgoing();

    @AfterEach
    void close() {
        kernel.close();
        outgoing.close();
    }

    @Test
    void aRefusedFileStopsNoOtherAndItsTokenIsNotUsedAgain() throws Exception {
        OpenFile first = outgoing.open();
        OpenFile refused = outgoing.open();
        OpenFile last = outgoing.open();
        kernel.refusesFile = refused.identity();
        try (KernelSession session = KernelSession.create(kernel, "vm")) {
            Map<FileIdentity, LuoException> refusals = session.preserveAll(List.of(first, refused, last));
            assertThat(refusals).containsOnlyKeys(refused.identity());
            assertThat(refusals.get(refused.identity()).errno()).isEqualTo(Errno.ENOENT);
            assertThat(session.files()).isEqualTo(2);
            OpenFile later = outgoing.open();
            assertThat(session.preserve(List.of(last, later, first))).containsExactly(3, 4, 1);
            assertThat(kernel.kept()).containsOnlyKeys(1L, 3L, 4L);
        }
    }

    @Test
    void aRefusedFileIsAskedForAgain() throws Exception {
        OpenFile file = outgoing.open();
        kernel.refusesFile = file.identity();
        try (KernelSession session = KernelSession.create(kernel, "vm")) {
            assertThat(session.preserveAll(List.of(file))).hasSize(1);
            assertThatExceptionOfType(LuoException.class).isThrownBy(() -> session.preserve(List.of(file)));
            kernel.refusesFile = null;
            assertThat(session.preserve(List.of(file, file))).containsExactly(3, 3);
            assertThat(kernel.kept()).containsOnlyKeys(3L);
        }
    }
}
