// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;

/** What is taken for an iommufd, how iommufds are told apart, and what one must still have when it has crossed. */
class IommuHandlerTest {
    private static final int DEVICE = 1000;

    @TempDir
    private Path root;

    private final IommufdsInMemory kernel = new IommufdsInMemory();
    private final List<Integer> fds = new ArrayList<>();
    private IommuHandler handler;

    @BeforeEach
    void create() throws Exception {
        handler = new IommuHandler(IommufdsInMemory.sysfs(root), kernel);
    }

    @AfterEach
    void close() {
        fds.forEach(Fds::close);
    }

    private int keep(int fd) {
        fds.add(fd);
        return fd;
    }

    private int iommufd(int spaces) throws LuoException {
        return keep(IommufdsInMemory.open(spaces));
    }

    private String refusal(int fd) {
        return handler.canPreserve(fd).reason();
    }

    @Test
    void otherFilesAreRefusedWithTheReason() throws Exception {
        assertThat(refusal(keep(Memfd.create("x", 0)))).isEqualTo("not a character device");
        assertThat(refusal(keep(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0))))
                .isEqualTo("a character device, and not /dev/iommu");
        assertThat(refusal(keep(FileIo.open(Path.of("/dev/null"), FileIo.O_PATH, 0))))
                .isEqualTo("an O_PATH fd");
        assertThat(refusal(19999)).contains("EBADF");
        assertThat(refusal(iommufd(1))).isEmpty();
    }

    @Test
    void aNameDecidesNothing() throws Exception {
        Path called = Files.createFile(root.resolve("iommu"));
        assertThat(refusal(keep(FileIo.open(called, FileIo.O_RDWR, 0)))).isEqualTo("not a character device");
        Files.delete(root.resolve("dev/char/10:2"));
        Files.createSymbolicLink(root.resolve("dev/char/10:2"), Path.of("../../devices/virtual/mem/null"));
        assertThat(refusal(iommufd(1))).isEqualTo("a character device, and not /dev/iommu");
    }

    @Test
    void garbledSysfsIsARefusal() throws Exception {
        Files.delete(root.resolve("dev/char/10:2"));
        assertThat(refusal(iommufd(1))).isEqualTo("a character device, and not /dev/iommu");
        Files.createSymbolicLink(root.resolve("dev/char/10:2"), Path.of("/etc/passwd"));
        assertThat(refusal(iommufd(1))).contains("is not as the kernel writes it");
    }

    @Test
    void eachHasANumberThatStaysWhileItIsKept() throws Exception {
        int one = iommufd(1);
        int other = iommufd(1);
        FileIdentity first = handler.identity(one);
        handler.preserve(one);
        FileIdentity second = handler.identity(other);
        assertThat(second).isNotEqualTo(first);
        for (int i = 0; i < 100; i++) {
            handler.identity(iommufd(1)); // more than are remembered
        }
        assertThat(handler.identity(keep(Fds.duplicate(one)))).isEqualTo(first);
        assertThat(handler.identity(other)).isNotIn(first, second);
    }

    @Test
    void anFdThatWasAskedAboutAndIsNowAnotherFileStandsInNoWay() throws Exception {
        int gone = IommufdsInMemory.open(1);
        FileIdentity first = handler.identity(gone);
        Fds.close(gone);
        int fd = iommufd(1);
        assertThat(fd).isEqualTo(gone);
        handler.preserve(fd);
        assertThat(handler.identity(fd)).isEqualTo(first); // nobody else has that number
        assertThat(handler.identity(iommufd(1))).isNotEqualTo(first);
    }

    @Test
    void aDeviceIsFoundToBeBoundToOneThatIsKept() throws Exception {
        int one = iommufd(1);
        int other = iommufd(1);
        kernel.bound.put(DEVICE, Stat.of(other).inode());
        handler.preserve(one);
        assertThat(handler.boundTo(DEVICE)).isEmpty();
        PluginState state = handler.preserve(other);
        FileIdentity found = handler.boundTo(DEVICE).orElseThrow();
        assertThat(found).isEqualTo(handler.identity(other));
        assertThat(handler.has(found)).isTrue();
        handler.unpreserve(other, state);
        assertThat(handler.has(found)).isFalse();
        assertThat(handler.boundTo(DEVICE)).isEmpty();
    }

    @Test
    void aRetrievedOneIsKeptUntilItIsFinished() throws Exception {
        int fd = iommufd(2);
        PluginState state = handler.preserve(fd);
        IommuHandler successor = new IommuHandler(IommufdsInMemory.sysfs(root.resolve("successor")), kernel);
        kernel.bound.put(DEVICE, Stat.of(fd).inode());
        assertThat(successor.retrieve(successor.compatible(), state)).isEqualTo(fd);
        assertThat(successor.boundTo(DEVICE)).isPresent();
        successor.finish(state, Retrieval.of(fd));
        assertThat(successor.boundTo(DEVICE)).isEmpty();
    }

    @Test
    void aFreezeIsOneSystemCall() throws Exception {
        int fd = iommufd(50);
        PluginState state = handler.preserve(fd);
        kernel.asked = 0;
        assertThat(handler.freeze(fd, state)).isSameAs(state);
        assertThat(kernel.asked).isEqualTo(1);
    }

    @Test
    void objectsMayComeAndGoButNotAll() throws Exception {
        int fd = iommufd(3);
        PluginState state = handler.preserve(fd);
        IommufdsInMemory.spaces(fd, 0); // the device is still there
        assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(fd);
        IommufdState without = IommufdCodec.decode(state.data());
        byte[] spacesOnly = IommufdCodec.encode(new IommufdState(
                without.device(),
                without.access(),
                without.objects().subList(1, without.objects().size())));
        assertMalformed("has none of its 3 objects", PluginState.of(spacesOnly, fd));
    }

    @Test
    void anotherFileIsNotTakenForIt() throws Exception {
        PluginState state = handler.preserve(iommufd(1));
        assertMalformed("is not /dev/iommu", PluginState.of(state.data(), keep(Memfd.create("x", 0))));
        int readOnly = keep(FileIo.open(Path.of("/proc/self/fd/" + fds.getFirst()), FileIo.O_RDONLY, 0));
        assertMalformed("access mode 0, expected 2", PluginState.of(state.data(), readOnly));
        assertMalformed("0 fds, expected 1", PluginState.of(state.data()));
        assertThatIllegalArgumentException().isThrownBy(() -> handler.retrieve(Compatible.of("iommufd-k1"), state));
    }

    private void assertMalformed(String message, PluginState state) {
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), state))
                .withMessageContaining(message);
    }
}
