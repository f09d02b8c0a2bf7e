// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The one way into the kernel: {@code long syscall(long number, ...)} of the C library, six arguments wide.
 *
 * <p>A single function, so that it does not depend on which calls a C library knows; and two signatures, because each
 * costs milliseconds at its first use: one for everything, and a short one for what is called once a file.
 *
 * <p>Every thread has a block of native memory for errno and for the structures that go in and out: the first
 * {@link #SCRATCH} bytes are this class's, what follows is free for use between two calls. The block is a JDK object
 * and nothing else, so that a thread does not keep this bundle's class loader.
 */
final class Kernel {
    /** Where the part of a thread's block begins that callers may use; its size is {@link #SCRATCH_BYTES}. */
    static final int SCRATCH = 64;

    /** How many bytes of a thread's block callers may use. */
    static final int SCRATCH_BYTES = 4096 - SCRATCH;

    private static final int EINTR = 4;
    private static final MethodHandle SYSCALL = link();
    private static final MethodHandle SHORT_SYSCALL = linkShort();
    private static final ThreadLocal<MemorySegment> MEMORY =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(SCRATCH + SCRATCH_BYTES, 64));

    private Kernel() {}

    /** The calling thread's block. */
    static MemorySegment memory() {
        return MEMORY.get();
    }

    /** A call that does not need the thread's block. */
    static long call(int number, long a, long b, long c) {
        return call(memory(), MemorySegment.NULL, number, a, b, c, 0, 0, 0);
    }

    /** A call whose structures are in the thread's block. */
    static long call(MemorySegment memory, int number, long a, long b, long c, long d) {
        return call(memory, MemorySegment.NULL, number, a, b, c, d, 0, 0);
    }

    /**
     * A call, made again as long as it is interrupted.
     *
     * @param memory the calling thread's block
     * @param kept memory of the caller that one of the arguments points into: it can't be freed during the call
     * @return what the kernel returned: negative errno on failure
     * @throws IllegalArgumentException if {@code kept} is on the heap
     */
    static long call(
            MemorySegment memory, MemorySegment kept, int number, long a, long b, long c, long d, long e, long f) {
        long result;
        do {
            result = once(memory, kept, number, a, b, c, d, e, f);
        } while (result == -EINTR);
        return result;
    }

    /** As {@link #call}, but not made again. */
    static long once(
            MemorySegment memory, MemorySegment kept, int number, long a, long b, long c, long d, long e, long f) {
        try {
            // No system call has a seventh argument: this one is there so that the linker keeps that memory alive.
            long result = (long) SYSCALL.invokeExact(memory, (long) number, a, b, c, d, e, f, kept);
            return result == -1 ? -memory.get(JAVA_INT, 0) : result;
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * A call that changes nothing when it fails, so that it can be made again. It is made without asking for errno, which
     * takes longer than all the rest of the way, and only if it fails once more, to know why.
     *
     * @return as {@link #call}; what comes of the second time
     */
    static long repeatable(MemorySegment memory, int number, long a, long b, long c) {
        try {
            long result = (long) SHORT_SYSCALL.invokeExact((long) number, a, b, c);
            return result == -1 ? call(memory, number, a, b, c, 0) : result;
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle linkShort() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        Platform.current();
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                        ADDRESS),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }
}
