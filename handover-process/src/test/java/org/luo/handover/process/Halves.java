// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Phases;
import org.luo.linux.UnixSocket;

/** Both halves of a handover in one process: the predecessor's on the test's thread, the successor's on another. */
final class Halves implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    final Wire predecessor;
    final Wire successor;
    private Thread thread;
    private volatile Throwable failure;

    Halves() throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        predecessor = new Wire(pair.one(), "successor 4711", PATIENCE);
        successor = new Wire(pair.other(), "predecessor 4710", PATIENCE);
    }

    /** Starts the successor's half. */
    Halves standBy(InMemoryIncomingSide incoming) {
        return standBy(incoming, Fault.NONE);
    }

    Halves standBy(InMemoryIncomingSide incoming, Fault fault) {
        return inSuccessor(() -> {
            try (Standby standby = new Standby(successor, incoming, fault)) {
                standby.run(() -> true);
            }
        });
    }

    /** Runs something else in the successor's place. */
    Halves inSuccessor(Script script) {
        thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                script.run();
            } catch (Throwable e) {
                failure = e;
                successor.close();
            }
        });
        return this;
    }

    /** The predecessor's half. */
    UpdateReport handOver(InMemoryOutgoingSide outgoing) throws LuoException {
        return handOver(outgoing, Map.of());
    }

    UpdateReport handOver(InMemoryOutgoingSide outgoing, Map<String, String> options) throws LuoException {
        try {
            Hello hello = hello();
            return predecessor(outgoing, options).run(hello);
        } finally {
            predecessor.shutdown();
        }
    }

    /** The predecessor's half of a check. */
    void check(InMemoryOutgoingSide outgoing) throws LuoException {
        try {
            Hello hello = hello();
            predecessor(outgoing, Map.of()).check(hello);
        } finally {
            predecessor.shutdown();
        }
    }

    private Hello hello() throws LuoException {
        Answers.expect(predecessor, Kind.HELLO, 0, PATIENCE);
        return Hello.read(predecessor);
    }

    private Predecessor predecessor(InMemoryOutgoingSide outgoing, Map<String, String> options) throws LuoException {
        Map<String, String> hasty = new HashMap<>(options);
        hasty.put("rehearsal", "1");
        return new Predecessor(
                predecessor, outgoing, Options.parse(hasty), child(outgoing), new Phases(outgoing::ended));
    }

    /** Why the successor's half has ended; null if it serves. */
    Throwable failure() throws InterruptedException {
        if (thread != null) {
            thread.join(PATIENCE);
        }
        return failure;
    }

    private Child child(InMemoryOutgoingSide outgoing) {
        return new Child() {
            @Override
            public long pid() {
                return 4711;
            }

            @Override
            public void end() {
                outgoing.calls.add("end successor");
                successor.shutdown();
            }
        };
    }

    @Override
    public void close() {
        predecessor.shutdown();
        try {
            failure();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        predecessor.close();
        successor.close();
    }

    /** Something that may fail. */
    interface Script {
        void run() throws LuoException, InterruptedException;
    }
}
