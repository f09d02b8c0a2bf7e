// SPDX-License-Identifier: Apache-2.0
/**
 * Linux system calls, for those parts of the platform that handle open files: fds, memfds, mappings, sockets that pass
 * fds, and processes.
 *
 * <p>The only package that calls C, and a thin one: fds are ints, sizes and offsets longs, buffers native memory
 * segments. Every fd it makes is close-on-exec. A call that the kernel interrupts is made again; every other failure
 * is a {@link org.luo.LuoException} with the kernel's errno. Needs Linux on x86-64 or aarch64, and
 * {@code --enable-native-access}. To be called from platform threads: a virtual thread in a blocking call keeps its
 * carrier.
 */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("0.1.0")
package org.luo.linux;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
