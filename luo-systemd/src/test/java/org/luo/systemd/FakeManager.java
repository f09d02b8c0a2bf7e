// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.LuoException;
import org.luo.linux.Datagrams;
import org.luo.linux.Fds;
import org.luo.linux.ListenFds.Named;
import org.luo.linux.Received;
import org.luo.linux.ServiceManager;
import org.luo.linux.Stat;

/** A service manager on a real socket: what it is told, and what it keeps, as systemd does. */
final class FakeManager implements AutoCloseable {
    private final Path directory;
    private final Datagrams socket;
    private volatile boolean closing;
    private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);

    // Guarded by this.
    private final List<String> told = new ArrayList<>();
    private final Map<String, Integer> kept = new LinkedHashMap<>();

    FakeManager() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "luo-notify");
        socket = Datagrams.bind(directory.resolve("notify"));
        socket.setReceiveTimeout(100);
        thread.start();
    }

    Map<String, String> environment(int most) {
        return Map.of("NOTIFY_SOCKET", directory.resolve("notify").toString(), "FDSTORE", Integer.toString(most));
    }

    ServiceManager manager() {
        return ServiceManager.of(environment(1)).orElseThrow();
    }

    private void run() {
        byte[] buffer = new byte[4096];
        while (!closing) {
            try {
                Received received = socket.receive(buffer);
                take(new String(buffer, 0, received.bytes(), StandardCharsets.UTF_8), received.fds());
            } catch (LuoException e) {
                // nothing came
            }
        }
    }

    private synchronized void take(String lines, int[] fds) throws LuoException {
        String name = lines.replaceAll("(?s).*FDNAME=([^\n]*).*", "$1");
        if (lines.startsWith("FDSTORE=1\n")) {
            keep(name, fds[0]);
            told.add("+" + name);
        } else if (lines.startsWith("FDSTOREREMOVE=1\n")) {
            Integer fd = kept.remove(name);
            if (fd != null) {
                Fds.close(fd);
            }
            told.add("-" + name);
        } else {
            for (int fd : fds) {
                Fds.close(fd);
            }
            told.add(lines);
        }
        notifyAll();
    }

    /** A file that is kept already is dropped, whatever it is called. */
    private void keep(String name, int fd) throws LuoException {
        for (int other : kept.values()) {
            if (Stat.of(other).inode() == Stat.of(fd).inode()) {
                Fds.close(fd);
                return;
            }
        }
        Integer before = kept.put(name, fd);
        if (before != null) {
            Fds.close(before);
        }
    }

    synchronized List<String> told() {
        return List.copyOf(told);
    }

    synchronized List<String> names() {
        return List.copyOf(kept.keySet());
    }

    /** What it hands to the next process: copies. */
    synchronized List<Named> handIn() throws LuoException {
        List<Named> files = new ArrayList<>();
        for (Map.Entry<String, Integer> file : kept.entrySet()) {
            files.add(new Named(Fds.duplicate(file.getValue()), file.getKey()));
        }
        return files;
    }

    @Override
    public void close() throws IOException {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        kept.values().forEach(Fds::close);
        Files.deleteIfExists(directory.resolve("notify"));
        Files.delete(directory);
    }
}
