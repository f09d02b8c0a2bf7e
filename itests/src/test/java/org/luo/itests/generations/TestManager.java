// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.LuoException;
import org.luo.itests.generations.Admin.Refusal;
import org.luo.linux.Datagrams;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Pidfd;
import org.luo.linux.Received;
import org.luo.linux.Spawn;
import org.luo.linux.Stat;
import org.luo.testkit.NoProcessLeft;
import org.luo.testkit.RunDirectory;

/**
 * A small service manager: starts the platform as {@code luo run} with what systemd gives a service, hears its
 * notifications on a real socket, keeps its files, and hands them in again when it starts it once more.
 */
final class TestManager implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST = 5000;
    private static final int FIRST = 3;

    private final RunDirectory directory = RunDirectory.create();
    private final Path dir = directory.path();
    private final Datagrams socket = Datagrams.bind(dir.resolve("notify"));
    private final Admin admin = new Admin(dir);
    private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
    private long main;
    private volatile boolean closing;

    // Guarded by this.
    private final List<String> told = new ArrayList<>();
    private final Map<String, Integer> kept = new LinkedHashMap<>();

    TestManager() throws Exception {
        socket.setReceiveTimeout(100);
        thread.start();
    }

    private void run() {
        byte[] buffer = new byte[1 << 16];
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
            keep(name, fds);
        } else if (lines.startsWith("FDSTOREREMOVE=1\n")) {
            Integer fd = kept.remove(name);
            if (fd != null) {
                Fds.close(fd);
            }
        } else {
            Arrays.stream(fds).forEach(Fds::close);
            lines.lines().forEach(told::add);
        }
        notifyAll();
    }

    /** As systemd does: what it has it does not take again, under whatever name. */
    private void keep(String name, int[] fds) throws LuoException {
        long inode = Stat.of(fds[0]).inode();
        boolean known = false;
        for (int fd : kept.values()) {
            known |= Stat.of(fd).inode() == inode;
        }
        if (known || kept.size() >= MOST) {
            Fds.close(fds[0]);
        } else {
            kept.put(name, fds[0]);
        }
    }

    /** Starts the platform and waits until it says that it is ready, and can be asked. */
    void start() throws Exception {
        launch();
        awaitServing();
    }

    /** Starts the platform and waits until it says that it is ready, whether it can be asked or not. */
    void launch() throws Exception {
        int nothing = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        int log = FileIo.open(dir.resolve("log"), FileIo.O_RDWR | 0100 | 02000, 0600);
        int[] fds;
        List<String> environment = new ArrayList<>(List.of(
                "PATH=" + System.getenv("PATH"),
                NoProcessLeft.MARK + "=" + System.getenv(NoProcessLeft.MARK),
                "LUO_JAVA_HOME=" + System.getProperty("java.home"),
                "LUO_DIR=" + dir,
                "NOTIFY_SOCKET=" + dir.resolve("notify"),
                "WATCHDOG_USEC=3000000",
                "FDSTORE=" + MOST));
        synchronized (this) {
            told.clear();
            fds = new int[FIRST + kept.size()];
            fds[0] = nothing;
            fds[1] = log;
            fds[2] = log;
            int at = FIRST;
            for (int fd : kept.values()) {
                fds[at++] = fd;
            }
            if (!kept.isEmpty()) {
                environment.add("LISTEN_FDS=" + kept.size());
                environment.add("LISTEN_FDNAMES=" + String.join(":", kept.keySet()));
            }
        }
        try {
            main = Spawn.start(Path.of("/bin/sh"), command(), environment, fds);
        } finally {
            Fds.close(nothing);
            Fds.close(log);
        }
        await("READY=1");
    }

    private static List<String> command() {
        String bundles = Generations.HOME.resolve("bundles").toString();
        String workload = Generations.HOME.resolve("workload").toString();
        String luo = Generations.HOME.resolve("luo").toString();
        return List.of(
                "sh",
                "-c",
                "export LISTEN_PID=$$; exec \"$0\" run --force \"$@\"",
                luo,
                "--bundles",
                bundles,
                "--bundles",
                workload);
    }

    /** Waits until it has been told a line that begins so; that line. */
    String await(String beginning) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            synchronized (this) {
                for (String line : told) {
                    if (line.startsWith(beginning)) {
                        return line;
                    }
                }
                wait(100);
            }
            assertThat(System.nanoTime())
                    .as(() -> "told " + beginning + "; log: " + log())
                    .isLessThan(deadline);
        }
    }

    /** Waits until it can be asked. */
    void awaitServing() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!call("commands").toString().contains("workload.preserve")) {
            assertThat(System.nanoTime()).as(this::log).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** What it has been told since the platform was started, but for the files. */
    synchronized List<String> told() {
        return List.copyOf(told);
    }

    /** What it keeps, by name. */
    synchronized Map<String, Integer> kept() {
        return new LinkedHashMap<>(kept);
    }

    /** Loses one file that it keeps. */
    synchronized void lose(String beginning) {
        String name = kept.keySet().stream()
                .filter(each -> each.startsWith(beginning))
                .findFirst()
                .orElseThrow();
        Fds.close(kept.remove(name));
    }

    /** Where the platform's sockets are. */
    Path dir() {
        return dir;
    }

    /** The process that it takes for the platform. */
    long main() {
        return main;
    }

    /** Another process is the main one. */
    void follow(long pid) {
        main = pid;
    }

    /** Kills the platform as a crash does, and waits until it is gone. */
    void kill() throws Exception {
        try (Pidfd process = Pidfd.open(main)) {
            process.kill(Pidfd.SIGKILL);
            assertThat(process.awaitDeath(PATIENCE.toMillis())).isTrue();
        }
    }

    Map<String, Object> call(String command) throws IOException, Refusal {
        return call(command, Map.of());
    }

    Map<String, Object> call(String command, Map<String, ?> arguments) throws IOException, Refusal {
        return admin.call(command, arguments);
    }

    String log() {
        try {
            return Files.readString(dir.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        directory.kill();
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        kept.values().forEach(Fds::close);
        directory.close();
    }
}
