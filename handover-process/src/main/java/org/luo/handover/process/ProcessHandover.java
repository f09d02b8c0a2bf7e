// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Handover;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Phases;
import org.luo.linux.FileIo;
import org.luo.linux.UnixSocket;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handover to a successor JVM on this machine, {@code process}: starts it beside this one and passes everything over
 * a socket. The options are those of {@link Options}; what can happen on the way is told in {@link Predecessor}.
 */
@Component
public final class ProcessHandover implements Handover {
    static final String KIND = "process";

    private static final Logger LOG = LoggerFactory.getLogger(ProcessHandover.class);

    private final Path dir;
    private int attempts;

    /** The latest successor, for {@link #giveUp}. */
    private volatile ChildProcess latest;

    /** Called by Declarative Services; the framework's property {@code luo.dir} says where sockets are made. */
    @Activate
    public ProcessHandover(BundleContext context) {
        this(Path.of(Objects.requireNonNullElse(context.getProperty("luo.dir"), ".")));
    }

    ProcessHandover(Path dir) {
        this.dir = dir.toAbsolutePath();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public UpdateReport handOver(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        return withSuccessor(outgoing, options, (predecessor, hello, child) -> {
            UpdateReport report = predecessor.run(hello);
            child.keep();
            return report;
        });
    }

    /** Starts a successor, passes it a draft of everything, and ends it. */
    @Override
    public void check(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        withSuccessor(outgoing, options, (predecessor, hello, child) -> {
            predecessor.check(hello);
            return hello;
        });
    }

    @Override
    public void giveUp() {
        ChildProcess child = latest;
        if (child != null) {
            child.kill();
        }
    }

    /** What is done with a successor that is up; it is ended afterwards, unless it is kept. */
    private interface Talk<T> {
        T with(Predecessor predecessor, Hello hello, ChildProcess child) throws LuoException;
    }

    private <T> T withSuccessor(OutgoingSide outgoing, Map<String, String> options, Talk<T> talk) throws LuoException {
        Options parsed = Options.parse(options);
        Path path = dir.resolve("handover-" + ProcessHandle.current().pid() + "-" + ++attempts + ".sock");
        UnixSocket listening = UnixSocket.listen(UnixSocket.Type.SEQPACKET, path, 4);
        try (listening) {
            return withSuccessor(outgoing, parsed, listening, path, talk);
        } finally {
            unlink(path);
        }
    }

    private <T> T withSuccessor(OutgoingSide outgoing, Options options, UnixSocket listening, Path path, Talk<T> talk)
            throws LuoException {
        Phases phases = new Phases(outgoing::ended);
        try (ChildProcess child = ChildProcess.start(CommandLine.successor(CommandLine.own(), options, path))) {
            latest = child;
            LOG.info("successor {} started, {}", child.pid(), options.java());
            try (Wire wire = connect(child, options, listening)) {
                Hello hello = hello(wire, child, options.boot());
                phases.end("boot");
                return talk.with(new Predecessor(wire, outgoing, options, child, phases), hello, child);
            } catch (LuoException e) {
                throw child.obituary(e);
            }
        }
    }

    private static Wire connect(ChildProcess child, Options options, UnixSocket listening) throws LuoException {
        UnixSocket connection = child.accept(listening, options.boot());
        try {
            return new Wire(connection, "successor " + child.pid(), options.answer());
        } catch (LuoException e) {
            connection.close();
            throw e;
        }
    }

    private static Hello hello(Wire wire, ChildProcess child, Duration boot) throws LuoException {
        Answers.expect(wire, Kind.HELLO, 0, boot);
        Hello hello = Hello.read(wire);
        if (hello.pid() != child.pid()) {
            throw wire.malformed("HELLO of process " + hello.pid());
        }
        return hello;
    }

    private static void unlink(Path path) {
        try {
            FileIo.unlink(path);
        } catch (LuoException e) {
            LOG.warn("{}", e.getMessage());
        }
    }
}
