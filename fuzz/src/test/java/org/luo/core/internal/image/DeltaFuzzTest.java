// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.handover.Draft;

/** What a predecessor may say has changed since a draft: taken whole, or refused whole with the draft left as it was. */
class DeltaFuzzTest {
    private static final int SESSIONS = 3;
    private static final int FILES = 2;

    private static byte[] draft;

    /** What a predecessor does between its draft and the freeze. */
    private interface Change {
        void make(Process process) throws LuoException;
    }

    /** Nothing but what every freeze changes · a session more · a session gone on, one emptied. */
    static Stream<byte[]> seeds() throws LuoException {
        return Stream.of(
                delta(process -> {}),
                delta(process -> {
                    OutgoingSession session = process.orchestrator.createSession(SessionName.of("new"));
                    process.preserve(session, 1);
                    process.preserve(session, 2);
                }),
                delta(process -> process.sessions.get(1).close()),
                delta(process -> {
                    process.preserve(process.sessions.get(0), 7);
                    process.sessions.get(2).unpreserve(Token.of(0));
                }));
    }

    private static byte[] delta(Change change) throws LuoException {
        Process predecessor = Process.serving(SESSIONS, FILES);
        try (Draft taken = predecessor.core.outgoing().draft()) {
            draft = Process.bytes(taken.image());
            change.make(predecessor);
            return Process.bytes(predecessor.core.outgoing().freeze(taken).image());
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void deserialize(byte[] input) throws LuoException {
        afterDraft().attempt(input);
        if (input.length >= Layout.HEADER) {
            afterDraft().attempt(Process.sealed(input));
        }
    }

    static Process afterDraft() throws LuoException {
        Process successor = new Process();
        successor.core.incoming().anticipate(successor.image(draft));
        return successor;
    }
}
