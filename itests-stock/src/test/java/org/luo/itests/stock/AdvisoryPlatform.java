// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.runner.RunWith;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Memfd;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.util.tracker.ServiceTracker;

/** The orchestrator, its memfd handler and the daemon on stock Felix; a session keeps one file. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public abstract class AdvisoryPlatform {
    static final String HANDLER = "org.luo.handler.memfd";

    private static final Pattern BUNDLES = Pattern.compile(
            "(gson|org\\.osgi|org\\.apache\\.felix\\.scr|luo-(api|linux|core|daemon)|handler-memfd).*\\.jar");
    private static final List<String> SLF4J =
            List.of("org.slf4j", "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");

    BundleContext context;
    Orchestrator orchestrator;
    OutgoingSession session;
    int fd;

    @Configuration
    public Option[] platform() throws IOException {
        Path dir = Files.createTempDirectory(Path.of("/tmp"), "luo");
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("luo.home"), "bundles"))) {
            return options(
                    frameworkProperty("luo.dir").value(dir.toString()),
                    // Pax Exam's own bundles ask for 1.7.
                    systemPackages(Stream.of("1.7.36", "2.0.0")
                            .flatMap(version -> SLF4J.stream().map(name -> name + ";version=" + version))
                            .toArray(String[]::new)),
                    composite(
                            jars.filter(jar -> BUNDLES.matcher(jar.getFileName().toString())
                                            .matches())
                                    .sorted()
                                    .map(jar -> bundle("reference:" + jar.toUri()))
                                    .toArray(Option[]::new)),
                    junitBundles());
        }
    }

    @Before
    public void preserve() throws Exception {
        context = FrameworkUtil.getBundle(getClass()).getBundleContext();
        orchestrator = await(Orchestrator.class);
        await(FileHandler.class);
        session = orchestrator.createSession(SessionName.of("vm1"));
        fd = Memfd.create("memory", 0);
        session.preserve(fd, Token.of(1));
    }

    @After
    public void close() throws Exception {
        session.close();
        await(FileDescriptors.class).close(fd);
    }

    <T> T await(Class<T> type) throws InterruptedException {
        ServiceTracker<T, T> tracker = new ServiceTracker<>(context, type, null);
        tracker.open();
        try {
            return tracker.waitForService(10_000);
        } finally {
            tracker.close();
        }
    }

    Bundle named(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    /** What the platform answers to a command, as a line of JSON. */
    String ask(String command, String arguments) throws IOException {
        Path socket = Path.of(context.getProperty("luo.dir"), "admin.sock");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = "{\"command\":\"" + command + "\",\"arguments\":" + arguments + "}\n";
            Channels.newOutputStream(channel).write(request.getBytes(StandardCharsets.UTF_8));
            return new Scanner(channel, StandardCharsets.UTF_8).nextLine();
        }
    }
}
