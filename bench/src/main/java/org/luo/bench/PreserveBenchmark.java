// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Core;
import org.luo.core.internal.OrchestratorImpl;
import org.luo.core.internal.Owner;
import org.luo.core.internal.Registration;
import org.luo.handler.memfd.MemfdHandler;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.internal.LinuxFileDescriptors;
import org.luo.pin.PinTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Preserving and unpreserving one memfd in a session that holds others already: the real core, handler and kernel, no
 * framework. Beside it the system calls alone that this makes, through the same bindings.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PreserveBenchmark {
    /** How many files the session holds. */
    @Param({"10", "100", "1000", "10000"})
    public int files;

    private static final Token TOKEN = Token.of(-1);

    private OutgoingSession session;
    private int fd;

    /** Fills the session. */
    @Setup(Level.Trial)
    public void fill() throws LuoException {
        Fds.raiseNofile();
        Core core = new Core(
                new LinuxFileDescriptors(), new PinTable(bundle -> Set.of()), new Owner(1, "core"), Core.Host.NONE);
        core.handlers().add(Registration.of(new MemfdHandler(), new Owner(2, "memfd")));
        core.serve();
        session = new OrchestratorImpl(core, kind -> null).createSession(SessionName.of("bench"));
        for (int i = 0; i < files; i++) {
            int other = Memfd.create("bench", Memfd.MFD_ALLOW_SEALING);
            session.preserve(other, Token.of(i));
            Fds.close(other);
        }
        fd = Memfd.create("bench", Memfd.MFD_ALLOW_SEALING);
    }

    /** Lets everything go. */
    @TearDown(Level.Trial)
    public void empty() throws LuoException {
        session.close();
        Fds.close(fd);
    }

    /** One file in and out. */
    @Benchmark
    public void preserveAndUnpreserve() throws LuoException {
        session.preserve(fd, TOKEN);
        session.unpreserve(TOKEN);
    }

    /** The system calls that one file in and out makes. */
    @Benchmark
    public long systemCalls() throws LuoException {
        int kept = Fds.duplicate(fd); // flags, then dup
        long seen = Stat.of(kept).size() + Stat.fileSystem(kept) + Fds.statusFlags(kept); // canPreserve
        seen += Stat.of(kept).inode(); // identity
        seen += Stat.of(kept).mode() + FileIo.position(kept) + Memfd.seals(kept) + Fds.statusFlags(kept); // preserve
        seen += Stat.of(kept).device(); // what must arrive on the other side
        Fds.close(kept);
        return seen;
    }
}
