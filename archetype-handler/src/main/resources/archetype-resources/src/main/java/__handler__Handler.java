package ${package};

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps named shared memory: files of a tmpfs that were opened below a directory.
 *
 * <p>The open file itself crosses to the successor; the state only says which one it must be. Put your kind of file in
 * place of this one: the contract test tells you what is still wrong.
 */
@Component
@Designate(ocd = ${handler}Config.class)
public final class ${handler}Handler implements FileHandler {
    private static final Logger LOG = LoggerFactory.getLogger(${handler}Handler.class);
    private static final Compatible COMPATIBLE = Compatible.of("${compatible}");

    private volatile Limits limits;

    /** What the configuration says, checked. */
    private record Limits(Path directory, long maxBytes) {
        private Limits {
            if (!directory.isAbsolute() || maxBytes < 0) {
                throw new IllegalArgumentException(
                        "directory " + directory + ", maxBytes " + maxBytes + ": must be absolute, and 0 or more");
            }
        }
    }

    /** For the framework. */
    @Activate
    public ${handler}Handler(${handler}Config config) {
        this(config.directory(), config.maxBytes());
    }

    ${handler}Handler(String directory, long maxBytes) {
        limits = new Limits(Path.of(directory), maxBytes);
    }

    /**
     * Takes a new configuration over, for files that come from now on. Without this method the component would be
     * replaced by a new one, and for that moment the files it keeps would be orphans. An exception here would have the
     * same effect: so if the configuration is wrong, that is logged, and the one before stays.
     */
    @Modified
    void modified(${handler}Config config) {
        try {
            limits = new Limits(Path.of(config.directory()), config.maxBytes());
        } catch (IllegalArgumentException e) {
            LOG.warn("{}: the configuration before stays: {}", COMPATIBLE, e.getMessage());
        }
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public Verdict canPreserve(int fd) {
        Limits now = limits;
        try {
            Stat stat = Stat.of(fd);
            if (!stat.isRegular() || Stat.fileSystem(fd) != Stat.TMPFS_MAGIC || stat.links() == 0) {
                return Verdict.no("not a named file of a tmpfs");
            }
            if (stat.size() > now.maxBytes()) {
                return Verdict.no("larger than maxBytes: " + stat.size() + " bytes, of at most " + now.maxBytes());
            }
            Path path = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
            return path.startsWith(now.directory()) ? Verdict.yes() : Verdict.no("not below " + now.directory());
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        } catch (IOException e) {
            return Verdict.no("its path can't be read: " + e);
        }
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new FileIdentity(stat.device(), stat.inode());
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        return PluginState.of(${handler}State.of(Stat.of(fd)).encode(), fd);
    }

    /** Nothing to undo: preserving changes nothing. */
    @Override
    public void unpreserve(int fd, PluginState state) {}

    /** In the blackout: looks again at what may have changed, its size. */
    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        return preserve(fd);
    }

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        ${handler}State expected = ${handler}State.decode(state.data());
        if (state.fds().size() != 1) {
            throw ${handler}State.malformed(state.fds().size() + " fds, expected 1");
        }
        int fd = state.fds().getFirst();
        ${handler}State found = ${handler}State.of(Stat.of(fd));
        if (!found.equals(expected)) {
            throw ${handler}State.malformed("the file that came is " + found + ", expected " + expected);
        }
        return fd;
    }

    /** Nothing to free: the orchestrator closes its fd. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}
}
