// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code luo kexec}. */
@Command(
        name = "kexec",
        description = {
            "live-updates the kernel: boots the one that is loaded, which takes over every session and file",
            "Without words it boots at once, as kexec -e does: no process ends first, file systems are only synced. On"
                    + " failure the platform goes on as it was and says why. load loads a kernel, unload forgets it,"
                    + " discard lets go of what came over the last kexec and was refused."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo kexec load /boot/vmlinuz --initrd /boot/initrd.img",
            "  luo kexec                       boots it, with everything that can cross",
            "  luo kexec --leave vfio-pci-p1   without the files of a format",
            "  luo kexec --leave vm1/0x3,vm2/0x3",
            "  luo kexec --prepare-only && systemctl kexec",
            "  luo check --kernel              whether it would go"
        })
final class KexecCommand extends PlatformCommand {
    @Parameters(arity = "0..2", paramLabel = "load KERNEL | unload | discard", description = "instead of booting")
    private List<String> words = List.of();

    @Option(names = "--initrd", paramLabel = "F", description = "with load: the initial RAM disk")
    private Path initrd;

    @Option(names = "--cmdline", paramLabel = "S", description = "with load: what the kernel is told")
    private String commandLine;

    @Option(names = "--reuse-cmdline", description = "with load: what this kernel was told, as without --cmdline")
    private boolean reuse;

    @Option(
            names = "--leave",
            paramLabel = "TOKENS|FORMAT",
            description = "go without these files: vm1/0x3, or a format; separated by commas")
    private String leave;

    @Option(names = "--leave-stuck", description = "go without whatever can't cross, instead of not going")
    private boolean leaveStuck;

    @Option(
            names = "--prepare-only",
            description = "give everything to the kernel and leave the booting to somebody else: systemctl kexec."
                    + " There is no way back")
    private boolean prepareOnly;

    private boolean loads() {
        return word(0).equals("load");
    }

    private String word(int index) {
        return index < words.size() ? words.get(index) : "";
    }

    @Override
    void validate() {
        boolean known = switch (word(0)) {
            case "" -> words.isEmpty();
            case "load" -> words.size() == 2;
            case "unload", "discard" -> words.size() == 1;
            default -> false;
        };
        if (!known) {
            throw misused("give load KERNEL, unload, discard, or nothing");
        }
        if (!loads() && (initrd != null || commandLine != null || reuse)) {
            throw misused("--initrd, --cmdline and --reuse-cmdline go with load");
        }
        if (commandLine != null && reuse) {
            throw misused("give either --cmdline or --reuse-cmdline");
        }
        if (!words.isEmpty() && (leave != null || leaveStuck || prepareOnly)) {
            throw misused("--leave, --leave-stuck and --prepare-only go without " + word(0));
        }
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return switch (word(0)) {
            case "load" -> client.call("kernel.load", loading());
            case "unload" -> client.call("kernel.unload", Map.of());
            case "discard" -> client.call("kernel.discard", Map.of());
            default -> client.call("update", options());
        };
    }

    private Map<String, Object> loading() {
        Map<String, Object> arguments = new TreeMap<>();
        arguments.put("kernel", Path.of(word(1)).toAbsolutePath().toString());
        if (initrd != null) {
            arguments.put("initrd", initrd.toAbsolutePath().toString());
        }
        if (commandLine != null) {
            arguments.put("cmdline", commandLine);
        }
        return arguments;
    }

    private Map<String, Object> options() {
        Map<String, Object> options = new TreeMap<>();
        options.put("kind", "kernel");
        options.put("prepare-only", Boolean.toString(prepareOnly));
        if (leave != null) {
            options.put("leave", leave);
        }
        if (leaveStuck) {
            options.put("leave-stuck", "true");
        }
        return options;
    }

    /** What there is to say in time is said by the kernel's console. */
    @Override
    boolean isSilent() {
        return words.isEmpty();
    }

    @Override
    String format(Map<String, Object> answer) {
        return switch (word(0)) {
            case "load" ->
                "loaded " + Table.printable(Json.text(answer, "kernel")) + ", to be told: "
                        + Table.printable(Json.text(answer, "cmdline"));
            case "unload" -> "no kernel is loaded";
            case "discard" -> "what came over and was refused is gone";
            default ->
                UpdateCommand.phases(answer) + "\n"
                        + String.format(
                                Locale.ROOT,
                                "%s and %s wait for the kexec, held by process %d; reboot with: systemctl kexec",
                                Amount.of(Json.number(answer, "sessions"), "session"),
                                Amount.of(Json.number(answer, "files"), "file"),
                                Json.number(answer, "successor_pid"));
        };
    }
}
