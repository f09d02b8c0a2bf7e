// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.luo.LuoException;

/**
 * Starts a program that inherits open files, which {@link ProcessBuilder} can't: it closes all fds but three, and opens
 * what these are redirected to by name.
 *
 * <p>Beside {@link Kernel} the only thing here that calls the C library, which alone can start a process from within a
 * JVM safely. Needs glibc 2.34.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html">posix_spawn(3)</a>
 */
public final class Spawn {
    /** More than posix_spawn_file_actions_t takes in any C library. */
    private static final int ACTIONS_BYTES = 512;

    private Spawn() {}

    /**
     * Starts a program with certain open files, as a service manager does.
     *
     * @param program its path
     * @param arguments what it is told; the first one is what it is called
     * @param environment its variables, {@code NAME=value}
     * @param fds become its fds from 0 up, and stay open here; it has no other
     * @return its pid; it is a child of this process
     * @throws LuoException ENOENT · EACCES · ENOMEM · EAGAIN · EMFILE
     */
    public static long start(Path program, List<String> arguments, List<String> environment, int[] fds)
            throws LuoException {
        // What one of them becomes must not be what another one still is.
        int[] above = new int[fds.length];
        Arrays.fill(above, -1);
        try {
            for (int i = 0; i < fds.length; i++) {
                above[i] = Fds.duplicateAtLeast(fds[i], fds.length);
            }
            return spawn(program, arguments, environment, above);
        } finally {
            for (int fd : above) {
                if (fd >= 0) {
                    Fds.close(fd);
                }
            }
        }
    }

    private static long spawn(Path program, List<String> arguments, List<String> environment, int[] fds)
            throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(ACTIONS_BYTES, Long.BYTES);
            MemorySegment pid = arena.allocate(JAVA_INT);
            check(invoke("posix_spawn_file_actions_init", actions), program);
            try {
                for (int i = 0; i < fds.length; i++) {
                    check(invoke("posix_spawn_file_actions_adddup2", actions, fds[i], i), program);
                }
                check(invoke("posix_spawn_file_actions_addclosefrom_np", actions, fds.length), program);
                MemorySegment path = arena.allocateFrom(program.toString());
                MemorySegment argv = strings(arena, arguments);
                MemorySegment envp = strings(arena, environment);
                check(invoke("posix_spawn", pid, path, actions, MemorySegment.NULL, argv, envp), program);
            } finally {
                invoke("posix_spawn_file_actions_destroy", actions);
            }
            return pid.get(JAVA_INT, 0);
        }
    }

    private static MemorySegment strings(Arena arena, List<String> strings) {
        MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
        }
        return array;
    }

    private static void check(int error, Path program) throws LuoException {
        if (error != 0) {
            throw Failure.of(-error, "start " + program);
        }
    }

    /** Calls a function that returns 0 or an errno. Each is called rarely, so nothing is kept. */
    @SuppressWarnings("restricted")
    private static int invoke(String function, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] = arguments[i] instanceof Integer ? JAVA_INT : ADDRESS;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function), FunctionDescriptor.of(JAVA_INT, layouts));
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
