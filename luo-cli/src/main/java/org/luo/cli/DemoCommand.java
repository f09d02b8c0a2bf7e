// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code luo demo}: runs {@link Demo} at a {@link DemoSite}. */
@Command(
        name = "demo",
        description = {
            "shows a live update that keeps memory, end to end, in a directory of its own",
            "Starts a platform, preserves memfds, live-updates it, and verifies every byte in the successor."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo demo", "  luo demo --files 1000 --bytes 1G", "  luo demo --json | jq .blackout_ms"})
final class DemoCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Option(names = "--files", paramLabel = "N", defaultValue = "64", description = "how many; else ${DEFAULT-VALUE}")
    private int files;

    @Option(
            names = "--bytes",
            paramLabel = "B",
            defaultValue = "256M",
            converter = ByteSize.class,
            description = "how much in all, such as 64M or 1G; else ${DEFAULT-VALUE}")
    private long bytes;

    @Option(names = "--keep", description = "leave the directory with its log behind, and say where it is")
    private boolean keep;

    @Override
    public Integer call() throws IOException {
        if (files < 0) {
            throw new ParameterException(spec.commandLine(), "--files " + files + ": give 0 or more");
        }
        String java = System.getenv("LUO_JAVA");
        try (DemoSite site = new DemoSite(home(), java == null ? null : Path.of(java), keep)) {
            return run(site);
        }
    }

    private int run(DemoSite site) {
        Demo demo = new Demo(site.platform(), this::say);
        try {
            demo.run(Map.of("files", (long) files, "bytes", bytes));
        } catch (IOException | AdminException e) {
            while (site.isInterrupted()) {
                LockSupport.park(); // that the platform is being killed shows, and is nobody's interest
            }
            demo.report().put("error", e.getMessage());
            spec.commandLine().getErr().println("luo: demo failed: " + e.getMessage());
            if (e instanceof IOException && demo.hasStarted()) {
                say(site.platform().logTail().substring(2));
            }
        }
        if (keep) {
            say("kept: " + site.dir());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (main.json()) {
            Main.printJson(out, demo.report());
        } else {
            out.println(DemoReport.format(demo.report()));
            out.println(demo.held() ? "All held." : "NOT all held.");
            out.flush();
        }
        return demo.held() ? Main.DONE : Main.FAILED;
    }

    /** Progress: beside the JSON, not in its way. */
    private void say(String line) {
        PrintWriter to =
                main.json() ? spec.commandLine().getErr() : spec.commandLine().getOut();
        to.println(line);
        to.flush();
    }

    private static Path home() throws IOException {
        String home = System.getProperty("luo.home", System.getenv("LUO_HOME"));
        if (home == null || !Files.isDirectory(Path.of(home, "lib"))) {
            throw new IOException("no distribution at " + home + "; build it with: mvn -B -DskipTests package");
        }
        return Path.of(home);
    }
}
