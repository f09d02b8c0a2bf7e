// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Mapping;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** Handlers with one fault each, under contract. */
final class BrokenHandlers {
    private BrokenHandlers() {}

    static class LeaksAnFdWhenAsked extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public Verdict canPreserve(int fd) {
                    try {
                        Fds.duplicate(fd);
                    } catch (LuoException e) {
                        return Verdict.no(e.getMessage());
                    }
                    return super.canPreserve(fd);
                }
            };
        }
    }

    static class MovesThePositionWhenAsked extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public Verdict canPreserve(int fd) {
                    Verdict verdict = super.canPreserve(fd);
                    try {
                        FileIo.seek(fd, 1, FileIo.SEEK_CUR);
                    } catch (LuoException e) {
                        // not seekable
                    }
                    return verdict;
                }
            };
        }
    }

    static class ForgetsToUndo extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public void unpreserve(int fd, PluginState state) {}
            };
        }
    }

    static class ForgetsItsFdWhenItFails extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public PluginState preserve(int fd) throws LuoException {
                    int own = Fds.duplicate(fd);
                    PluginState state = super.preserve(fd);
                    Fds.close(own);
                    return state;
                }
            };
        }
    }

    static class TrustsItsState extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public int retrieve(Compatible compatible, PluginState state) throws LuoException {
                    return state.data().length < 8 && compatible.equals(compatible())
                            ? state.fds().get(state.data()[7])
                            : super.retrieve(compatible, state);
                }
            };
        }
    }

    static class TakesAnyFile extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public Verdict canPreserve(int fd) {
                    return Verdict.yes();
                }
            };
        }
    }

    static class CountsItsFilesByFd extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public FileIdentity identity(int fd) {
                    return new FileIdentity(0, fd);
                }
            };
        }
    }

    static class ClosesWhatIsLent extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public void finish(PluginState state, Retrieval retrieval) {
                    state.fds().forEach(Fds::close);
                }
            };
        }
    }

    static class StampsItsState extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                private byte frozen;

                @Override
                public PluginState freeze(int fd, PluginState state) {
                    byte[] data = state.data().clone();
                    data[0] = ++frozen;
                    return new PluginState(data, state.fds());
                }
            };
        }
    }

    static class MixesFilesUp extends NoteContract {
        private static final Map<Long, Integer> LAST = new HashMap<>();

        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public int retrieve(Compatible compatible, PluginState state) throws LuoException {
                    return LAST.merge(
                            0L, super.retrieve(compatible, state), (last, fd) -> Fds.isOpen(last) ? last : fd);
                }
            };
        }
    }

    static class NoLongerReadsTheOld extends NoteContract {
        @Override
        protected Map<Compatible, PluginState> oldStates(int fd) {
            return Map.of();
        }
    }

    static class LeaksAThreadForEachFile extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public PluginState preserve(int fd) throws LuoException {
                    PluginState state = super.preserve(fd);
                    Thread.ofPlatform()
                            .daemon()
                            .name("watches-a-note")
                            .start(() -> LockSupport.parkNanos(Long.MAX_VALUE));
                    return state;
                }
            };
        }
    }

    static class LeaksAMappingOfEachFile extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public int retrieve(Compatible compatible, PluginState state) throws LuoException {
                    int fd = super.retrieve(compatible, state);
                    Mapping.map(fd, 0, Math.max(1, Stat.of(fd).size()), false);
                    return fd;
                }
            };
        }
    }

    static class LeaksAnFdWhenItComesBack extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public int retrieve(Compatible compatible, PluginState state) throws LuoException {
                    int fd = super.retrieve(compatible, state);
                    Fds.duplicate(fd);
                    return fd;
                }
            };
        }
    }

    static class TakesWhatItCannotPreserve extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                @Override
                public PluginState preserve(int fd) throws LuoException {
                    throw LuoException.of(Errno.EOPNOTSUPP, "preserve note, fd " + fd + ": not today");
                }
            };
        }
    }

    static class DisownsWhatItHasGivenBack extends NoteContract {
        @Override
        protected FileHandler handler() {
            return new NoteHandler() {
                private boolean gaveBack;

                @Override
                public Verdict canPreserve(int fd) {
                    return gaveBack ? Verdict.no("was mine once") : super.canPreserve(fd);
                }

                @Override
                public void finish(PluginState state, Retrieval retrieval) {
                    gaveBack = true;
                }
            };
        }
    }
}
