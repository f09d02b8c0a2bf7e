// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.luo.cli.PlatformProcess;
import org.luo.cli.PlatformSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Round trip of an ioctl, GET_NAME on a session, of a C program under the preload library: against the platform, and in
 * turn against a C program that takes the same messages in an epoll loop and sends them back.
 */
@Command(name = "ioctl", description = "Round trip of an ioctl on a session, beside a C server that does nothing.")
final class IoctlBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "7",
            description = "of each server, in turn, after one not counted; ${DEFAULT-VALUE}")
    private int runs;

    @Option(
            names = "--calls",
            paramLabel = "N",
            defaultValue = "20000",
            description = "ioctls in a run; ${DEFAULT-VALUE}")
    private int calls;

    @Option(names = "--json", description = "print one JSON object on the last line")
    private boolean json;

    private final List<Double> platform = new ArrayList<>();
    private final List<Double> floor = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Path home = Path.of(System.getProperty("luo.home"));
        Path library = home.resolve("native/libluo-preload.so");
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "luob");
        try {
            CProgram program = CProgram.build(directory, "ioctl")
                    .filter(built -> Files.exists(library))
                    .orElseThrow(() -> new IOException("needs a C compiler (cc, gcc, clang), and " + library));
            measure(PlatformSettings.of(home, directory), program, library);
        } finally {
            HandoverBench.delete(directory);
        }
        print();
        return 0;
    }

    private void measure(PlatformSettings settings, CProgram program, Path library) throws IOException {
        Path bare = settings.dir().resolve("floor.sock");
        Process server = program.command("server", bare).start();
        try (PlatformProcess serving = PlatformProcess.start(settings);
                var ready = server.inputReader()) {
            serving.awaitReady(PATIENCE);
            if (ready.readLine() == null) {
                throw new IOException("the C server has ended: "
                        + new String(server.getErrorStream().readAllBytes()));
            }
            for (int run = 0; run <= runs; run++) {
                double ours = ask(program, library, settings.dir().resolve("liveupdate"));
                double least = ask(program, library, bare);
                if (run > 0) { // the first has warmed them up
                    platform.add(ours);
                    floor.add(least);
                    ratios.add(ours / least);
                }
                System.err.printf(Locale.ROOT, "run %d of %d: %.2f us, C %.2f us%n", run, runs, ours, least);
            }
        } finally {
            server.destroy();
        }
    }

    private double ask(CProgram program, Path library, Path socket) throws IOException {
        Map<String, String> environment =
                Map.of("LD_PRELOAD", library.toString(), "LUO_DEVICE_SOCKET", socket.toString());
        return program.figures(environment, "client", calls).getFirst();
    }

    private void print() {
        double ratio = Sample.of(platform).median() / Sample.of(floor).median();
        System.out.printf("%26s  %26s  %6s  %s%n", "platform us", "C us", "ratio", "run by run");
        System.out.printf(
                Locale.ROOT,
                "%26s  %26s  %6.2f  %s%n",
                Sample.of(platform),
                Sample.of(floor),
                ratio,
                Sample.of(ratios));
        System.out.println("median (least–most); ratio of medians");
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", "ioctl");
            object.put("machine", Machine.describe());
            object.put("runs", runs);
            object.put("calls", calls);
            object.put("platform_us", Sample.of(platform).median());
            object.put("platform_us_all", platform);
            object.put("c_us", Sample.of(floor).median());
            object.put("c_us_all", floor);
            object.put("ratio", ratio);
            object.put("ratio_all", ratios);
            System.out.println(new Gson().toJson(object));
        }
    }
}
