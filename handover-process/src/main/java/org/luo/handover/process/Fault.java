// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.luo.handover.Image;

/**
 * Breaks a successor on purpose, for tests: the framework property {@code luo.handover.fault} is
 * {@code <step>:<kill|hang|corrupt>}.
 *
 * <p>{@code kill} ends the process like SIGKILL would, {@code hang} stops the handover's thread for good, and
 * {@code corrupt} makes the step go wrong in a way of its own: what was read differs from what was sent, or the answer
 * is not the right one.
 *
 * @param step where
 * @param kind how
 */
record Fault(Step step, Kind kind) {
    /** The property's name. */
    static final String PROPERTY = "luo.handover.fault";

    /** No fault. */
    static final Fault NONE = new Fault(Step.NONE, Kind.KILL);

    /** The successor's steps, in order. */
    enum Step {
        NONE,
        BOOT,
        HELLO,
        PREFLIGHT,
        REHEARSE,
        ANTICIPATE,
        BEGIN,
        BATCH,
        IMAGE,
        DESERIALIZE,
        READY,
        COMMIT,
        CONFIRM,
        HEALTHY
    }

    /** What happens there. */
    enum Kind {
        KILL,
        HANG,
        CORRUPT
    }

    /** @throws IllegalArgumentException if the text names no step or kind */
    static Fault parse(String text) {
        if (text == null || text.isEmpty()) {
            return NONE;
        }
        String[] parts = text.toUpperCase(Locale.ROOT).split(":", 2);
        return new Fault(Step.valueOf(parts[0]), Kind.valueOf(parts.length == 2 ? parts[1] : "KILL"));
    }

    /** Reaches a step: does not return from a kill or hang there; true if the step shall go wrong. */
    boolean at(Step here) {
        if (here != step) {
            return false;
        }
        switch (kind) {
            case KILL -> Runtime.getRuntime().halt(137);
            case HANG -> {
                while (true) {
                    LockSupport.park();
                }
            }
            case CORRUPT -> {}
        }
        return true;
    }

    /** The image with one bit in its middle turned over. */
    static Image corrupt(Image image) {
        ByteBuffer bytes =
                ByteBuffer.allocate(image.bytes().remaining()).put(image.bytes().duplicate());
        bytes.flip();
        int middle = bytes.limit() / 2;
        bytes.put(middle, (byte) (bytes.get(middle) ^ 1));
        return new Image(bytes.order(ByteOrder.LITTLE_ENDIAN), image.files());
    }
}
