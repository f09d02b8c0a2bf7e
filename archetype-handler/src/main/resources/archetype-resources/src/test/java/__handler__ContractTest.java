package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.testkit.contract.FileHandlerContract;

/** What every file handler must keep to, and below it what is this one's own. */
class ${handler}ContractTest extends FileHandlerContract {
    private static final String DIRECTORY = "/dev/shm";

    private final List<Path> files = new ArrayList<>();

    @Override
    protected FileHandler handler() {
        return new ${handler}Handler(DIRECTORY, 4096);
    }

    @Override
    protected int open() throws Exception {
        Path file = Files.createTempFile(Path.of(DIRECTORY), "${compatible}-", "");
        files.add(file);
        return FileIo.open(file, FileIo.O_RDWR, 0);
    }

    /** Shared memory, but without a name. */
    @Override
    protected int openForeign() throws LuoException {
        return Memfd.create("foreign", 0);
    }

    @Override
    protected void write(int fd, int number) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(ValueLayout.JAVA_INT);
            content.set(ValueLayout.JAVA_INT, 0, number);
            FileIo.pwrite(fd, content, 0);
        }
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(ValueLayout.JAVA_INT);
            FileIo.pread(fd, content, 0);
            assertThat(content.get(ValueLayout.JAVA_INT, 0)).isEqualTo(number);
        }
    }

    /** Golden bytes: a successor of another version must read them. */
    @Override
    protected void assertLayout(byte[] frozen, int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        assertThat(frozen).hasSize(24);
        for (int i = 0; i < 8; i++) {
            assertThat(frozen[i]).as("device, byte %d", i).isEqualTo((byte) (stat.device() >>> 8 * i));
            assertThat(frozen[8 + i]).as("inode, byte %d", i).isEqualTo((byte) (stat.inode() >>> 8 * i));
            assertThat(frozen[16 + i]).as("size, byte %d", i).isEqualTo((byte) (stat.size() >>> 8 * i));
        }
    }

    @AfterEach
    void unlink() throws IOException {
        for (Path file : files) {
            Files.delete(file);
        }
    }

    @Test
    void aFileThatIsTooLargeIsRefusedWithTheLimit() throws Exception {
        int fd = open();
        try {
            FileIo.truncate(fd, 4097);
            assertThat(handler().canPreserve(fd).reason()).contains("4097 bytes, of at most 4096");
        } finally {
            Fds.close(fd);
        }
    }
}
