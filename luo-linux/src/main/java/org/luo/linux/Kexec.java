// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.luo.LuoException;

/**
 * Booting another kernel from this one. Needs CAP_SYS_BOOT.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/kexec_load.2.html">kexec_file_load(2)</a>
 */
public final class Kexec {
    /** Longest command line of a kernel, in bytes. */
    public static final int MAX_COMMAND_LINE = 2047;

    private static final int UNLOAD = 1;
    private static final int NO_INITRAMFS = 4;
    private static final int MAGIC_1 = 0xfee1dead;
    private static final int MAGIC_2 = 0x28121969;
    private static final int COMMAND_KEXEC = 0x45584543;

    private Kexec() {}

    /**
     * Loads a kernel to be booted, in the place of one that is loaded. Only this way of loading hands preserved memory on.
     *
     * <p>Undo: {@link #unload()}.
     *
     * @param kernel fd of the image
     * @param initrd fd of the initial RAM disk, or -1
     * @param commandLine what it is told
     * @throws LuoException EPERM without CAP_SYS_BOOT, or if loading is switched off · ENOEXEC if it is no kernel · EBUSY ·
     *     EINVAL · EKEYREJECTED if a signature is wanted · ENOMEM, EADDRNOTAVAIL
     */
    public static void load(int kernel, int initrd, String commandLine) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocateFrom(commandLine, StandardCharsets.UTF_8);
            long result = Kernel.call(
                    Kernel.memory(),
                    line,
                    Nr.KEXEC_FILE_LOAD,
                    kernel,
                    initrd,
                    line.byteSize(),
                    line.address(),
                    initrd < 0 ? NO_INITRAMFS : 0,
                    0);
            Failure.check(result, "kexec_file_load of fd", kernel);
        }
    }

    /**
     * Forgets the kernel that is loaded, if one is.
     *
     * @throws LuoException EPERM · EBUSY
     */
    public static void unload() throws LuoException {
        long result = Kernel.call(Kernel.memory(), MemorySegment.NULL, Nr.KEXEC_FILE_LOAD, -1, -1, 0, 0, UNLOAD, 0);
        if (result < 0) {
            throw Failure.of(result, "unload the kexec kernel");
        }
    }

    /**
     * Boots the kernel that is loaded, at once: no process ends first and nothing is written to the disks. Files that
     * sessions of {@link LiveUpdate} have are frozen and handed on.
     *
     * @throws LuoException why this kernel goes on: EINVAL if no kernel is loaded · EPERM · EBUSY · whatever freezing ended
     *     with, and then everything is unfrozen
     */
    public static void reboot() throws LuoException {
        long result = Kernel.call(Kernel.memory(), Nr.REBOOT, MAGIC_1, MAGIC_2, COMMAND_KEXEC, 0);
        throw Failure.of(result, "reboot into the kexec kernel");
    }
}
