// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.HandlerVerdict;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;
import org.luo.linux.Fds;
import org.luo.linux.Pidfd;

/**
 * {@code check} and {@code check.successor}: dry runs.
 *
 * <p>The file is the very one that a process has open, not one opened again through {@code /proc}: that would be another
 * open file, could do something to a device, and does not work with sockets and anonymous ones.
 */
final class CheckCommands {
    private final Orchestration platform;

    CheckCommands(Orchestration platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                new BuiltIn(
                        "check",
                        "whether a file that a process has open could be preserved",
                        List.of("pid", "fd"),
                        this::file),
                new BuiltIn(
                        "check.successor",
                        "whether a successor would take everything; arguments as for update",
                        null,
                        this::successor));
    }

    private Map<String, Object> file(Map<String, Object> arguments) throws LuoException {
        long pid = number(arguments, "pid");
        int theirs = number(arguments, "fd");
        int fd = duplicate(pid, theirs);
        try {
            return describe(fd, platform.orchestrator().check(fd));
        } finally {
            Fds.close(fd);
        }
    }

    private static int duplicate(long pid, int fd) throws LuoException {
        try (Pidfd process = Pidfd.open(pid)) {
            return process.duplicate(fd);
        } catch (LuoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            throw LuoException.of(
                    Errno.EPERM,
                    "check fd " + fd + " of process " + pid
                            + ": the platform may not look into it; it can as root, or with kernel.yama.ptrace_scope=0",
                    e);
        }
    }

    private static Map<String, Object> describe(int fd, List<HandlerVerdict> verdicts) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("file", file(fd));
        result.put(
                "kept_by",
                verdicts.stream()
                        .filter(HandlerVerdict::takes)
                        .map(verdict -> verdict.compatible().text())
                        .findFirst()
                        .orElse(null));
        result.put("verdicts", verdicts.stream().map(CheckCommands::describe).toList());
        return result;
    }

    private static Map<String, Object> describe(HandlerVerdict verdict) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("compatible", verdict.compatible().text());
        entry.put("bundle", verdict.bundle());
        entry.put("takes", verdict.takes());
        entry.put("reason", verdict.reason());
        return entry;
    }

    /** What the kernel calls it; whoever made it has chosen the name. */
    private static String file(int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd))
                    .toString()
                    .replaceAll("\\p{Cntrl}", "?");
        } catch (IOException e) {
            return "";
        }
    }

    private static int number(Map<String, Object> arguments, String name) throws LuoException {
        if (arguments.get(name) instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw LuoException.of(Errno.EINVAL, "check: argument '" + name + "': a number from 0 on is needed");
    }

    private Map<String, Object> successor(Map<String, Object> arguments) throws LuoException {
        PlatformCommands.Update update = PlatformCommands.Update.parse(arguments);
        platform.orchestrator().checkSuccessor(update.kind(), update.options());
        return Map.of("kind", update.kind(), "takes", true);
    }
}
