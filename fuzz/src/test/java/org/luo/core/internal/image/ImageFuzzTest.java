// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.LuoException;

/** A whole image that a predecessor may hand over: deserialized whole, or refused whole. */
class ImageFuzzTest {
    /** Images that an orchestrator has frozen: nothing, some sessions, more files than fit one block. */
    static Stream<byte[]> seeds() throws LuoException {
        return Stream.of(frozen(0, 0), frozen(1, 1), frozen(3, 2), frozen(1, 70));
    }

    private static byte[] frozen(int sessions, int files) throws LuoException {
        return Process.bytes(
                Process.serving(sessions, files).core.outgoing().freeze().image());
    }

    @MethodSource("seeds")
    @FuzzTest
    void deserialize(byte[] input) throws LuoException {
        new Process().attempt(input);
        if (input.length >= Layout.HEADER) {
            new Process().attempt(Process.sealed(input));
        }
    }
}
