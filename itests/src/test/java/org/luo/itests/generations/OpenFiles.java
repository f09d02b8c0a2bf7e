// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * What a process has open, seen from outside.
 *
 * @param names what each fd is, such as {@code /memfd:x (deleted)}
 * @param memory inode, size and checksum of every memfd, with how many fds of it there are
 */
record OpenFiles(List<String> names, Map<String, Integer> memory) {
    /** Looks at a process, and reads all its memfds from beginning to end; their positions stay. */
    static OpenFiles of(long pid) throws IOException {
        List<String> names = new ArrayList<>();
        Map<String, Integer> memory = new TreeMap<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : fds.toList()) {
                try {
                    String name = Files.readSymbolicLink(fd).toString();
                    names.add(name);
                    if (name.startsWith("/memfd:")) {
                        memory.merge(describe(fd), 1, Integer::sum);
                    }
                } catch (NoSuchFileException e) {
                    // closed meanwhile
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new OpenFiles(names, memory);
    }

    private static String describe(Path fd) throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        try (FileChannel channel = FileChannel.open(fd)) {
            while (channel.read(buffer.clear()) > 0) {
                checksum.update(buffer.flip());
            }
            return "inode " + Files.getAttribute(fd, "unix:ino") + ", " + channel.size() + " bytes, checksum "
                    + checksum.getValue();
        }
    }
}
