// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.IncomingSide;

/**
 * The successor's command line: this process's own, with another {@code java} and bundles if asked for, and with the
 * properties that make it a successor. What an earlier update set is replaced, so that command lines don't grow.
 */
final class CommandLine {
    /** Framework property: path of the socket on which the predecessor waits. */
    static final String SOCKET = "luo.handover";

    private static final String BUNDLES = "luo.bundles";

    /** Options whose value is the program. */
    private static final Set<String> MAIN = Set.of("-jar", "-m", "--module");

    /** Options whose value may be an argument of its own. */
    private static final Set<String> VALUED = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--limit-modules",
            "--enable-native-access",
            "--add-exports",
            "--add-opens",
            "--add-reads",
            "--patch-module");

    private CommandLine() {}

    /**
     * This process's command line.
     *
     * @throws LuoException EIO if it can't be read
     */
    static List<String> own() throws LuoException {
        try {
            return split(Files.readAllBytes(Path.of("/proc/self/cmdline")));
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "reading this process's command line", e);
        }
    }

    /** What lies between the NULs; an empty argument is one too. */
    static List<String> split(byte[] commandLine) {
        // The bytes go back to the kernel as they came: the encoding of file names, not UTF-8, decides.
        String text = new String(commandLine, nativeCharset());
        List<String> arguments = new ArrayList<>(List.of(text.split("\0", -1)));
        arguments.removeLast();
        return arguments;
    }

    /** The successor's command line, from this process's. */
    static List<String> successor(List<String> own, Options options, Path socket) {
        List<String> command = new ArrayList<>(own);
        command.set(0, options.executable().toString());
        int main = main(command);
        List<String> jvm = command.subList(1, main);
        jvm.removeIf(argument -> isProperty(argument, IncomingSide.STANDBY)
                || isProperty(argument, SOCKET)
                || isProperty(argument, Fault.PROPERTY)
                || options.bundles().isPresent() && isProperty(argument, BUNDLES));
        jvm.add("-D" + IncomingSide.STANDBY + "=true");
        jvm.add("-D" + SOCKET + "=" + socket);
        options.bundles().ifPresent(bundles -> jvm.add("-D" + BUNDLES + "=" + bundles));
        jvm.addAll(options.jvm());
        return command;
    }

    /**
     * Where the JVM's arguments end: what counts is said last there, and it must not become the program's. Whoever the
     * launcher is, it is the first argument that is neither an option nor the value of one; or it is a jar or module.
     */
    private static int main(List<String> command) {
        int at = 1;
        while (at < command.size()
                && (command.get(at).startsWith("-") || command.get(at).startsWith("@"))) {
            if (MAIN.contains(command.get(at))) {
                return at;
            }
            at += VALUED.contains(command.get(at)) ? 2 : 1;
        }
        return Math.min(at, command.size());
    }

    private static boolean isProperty(String argument, String name) {
        return argument.equals("-D" + name) || argument.startsWith("-D" + name + "=");
    }

    private static Charset nativeCharset() {
        String name = System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name());
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }
}
