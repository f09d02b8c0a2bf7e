// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.admin.AdminCommand;
import org.luo.linux.Fds;
import org.luo.linux.Kexec;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The commands {@code kernel.check}, {@code kernel.load}, {@code kernel.unload} and {@code kernel.discard}. */
@Component(
        immediate = true,
        service = {})
public final class KernelCommands {
    private final BundleContext context;
    private final KernelHandover handover;
    private final List<ServiceRegistration<AdminCommand>> registrations;

    /**
     * A command.
     *
     * @param name see {@link AdminCommand#name}
     * @param description see {@link AdminCommand#description}
     * @param body what it does
     */
    private record Command(String name, String description, Body body) implements AdminCommand {
        private interface Body {
            Map<String, Object> run(Map<String, Object> arguments) throws LuoException;
        }

        @Override
        public Map<String, Object> run(Map<String, Object> arguments) throws LuoException {
            return body.run(arguments);
        }
    }

    /** Offers the commands. Undo: {@link #deactivate}. */
    @Activate
    public KernelCommands(BundleContext context, @Reference KernelHandover handover) {
        this.context = context;
        this.handover = handover;
        this.registrations = Stream.of(
                        new Command("kernel.check", "what a kexec needs, and which files can cross it", this::check),
                        new Command("kernel.load", "loads a kernel for the next kexec", this::load),
                        new Command("kernel.unload", "forgets the kernel that is loaded", this::unload),
                        new Command("kernel.discard", "lets go of what came over and was refused", this::discard))
                .map(command -> context.registerService(AdminCommand.class, command, null))
                .toList();
    }

    /** Takes the commands away. */
    @Deactivate
    void deactivate() {
        registrations.forEach(ServiceRegistration::unregister);
    }

    private synchronized Map<String, Object> check(Map<String, Object> arguments) throws LuoException {
        Map<String, String> options = options(arguments, "leave");
        List<Object> machine = new ArrayList<>();
        boolean ready = true;
        for (Finding finding : new Preflight(handover).findings()) {
            machine.add(entry(finding));
            ready &= finding.state() != Finding.State.MISSING;
        }
        handover.forgetChecked();
        String refusal = ready ? checkFiles(options) : "";
        handover.checked().memory().ifPresent(memory -> machine.add(entry(memory)));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ready", ready && refusal.isEmpty());
        result.put("refusal", refusal);
        result.put("machine", machine);
        result.put("files", files());
        return result;
    }

    /** Why a kexec would be refused, or empty. */
    private String checkFiles(Map<String, String> options) throws LuoException {
        ServiceReference<Orchestrator> reference = context.getServiceReference(Orchestrator.class);
        Orchestrator orchestrator = reference == null ? null : context.getService(reference);
        if (orchestrator == null) {
            throw LuoException.of(Errno.EAGAIN, "check: this process owns no sessions");
        }
        try {
            orchestrator.checkSuccessor(KernelHandover.KIND, options);
            return "";
        } catch (LuoException e) {
            return e.getMessage();
        } finally {
            context.ungetService(reference);
        }
    }

    private List<Object> files() {
        List<Object> files = new ArrayList<>();
        for (Boarding.Answer answer : handover.checked().files()) {
            Map<String, Object> file = entry(
                    "file", answer.file().name().toString(), "fate", lower(answer.fate()), "reason", answer.reason());
            file.put("compatible", answer.file().compatible().text());
            files.add(file);
        }
        return files;
    }

    private Map<String, Object> load(Map<String, Object> arguments) throws LuoException {
        Map<String, String> options = options(arguments, "kernel", "initrd", "cmdline");
        String kernel = options.get("kernel");
        if (kernel == null) {
            throw LuoException.of(Errno.EINVAL, "load kernel: argument 'kernel': its path is needed");
        }
        String commandLine = options.getOrDefault("cmdline", handover.machine().commandLine());
        Loader.load(kernel, options.get("initrd"), commandLine);
        handover.loaded(kernel);
        return entry("kernel", kernel, "initrd", options.getOrDefault("initrd", ""), "cmdline", commandLine);
    }

    private Map<String, Object> unload(Map<String, Object> arguments) throws LuoException {
        options(arguments);
        Kexec.unload();
        handover.loaded(null);
        return Map.of("loaded", false);
    }

    private synchronized Map<String, Object> discard(Map<String, Object> arguments) throws LuoException {
        options(arguments);
        KernelHandover.Refused refused = handover.refused();
        if (refused == null) {
            throw LuoException.of(Errno.ENOENT, "discard: nothing that came over was refused");
        }
        new Deposit(System.getenv()).remove();
        handover.kernel().finish(refused.session());
        handover.keep(null);
        Fds.close(refused.session());
        return Map.of("discarded", true);
    }

    private static Map<String, String> options(Map<String, Object> arguments, String... names) throws LuoException {
        Map<String, String> options = new LinkedHashMap<>();
        for (Map.Entry<String, Object> argument : arguments.entrySet()) {
            if (!List.of(names).contains(argument.getKey()) || !(argument.getValue() instanceof String text)) {
                throw LuoException.of(
                        Errno.EINVAL,
                        "argument '" + Machine.printable(argument.getKey()) + "': text is taken for "
                                + (names.length == 0 ? "none" : String.join(", ", names)));
            }
            options.put(argument.getKey(), text);
        }
        return options;
    }

    private static Map<String, Object> entry(Finding finding) {
        return entry("what", finding.what(), "state", lower(finding.state()), "text", finding.text());
    }

    private static Map<String, Object> entry(String... namesAndTexts) {
        Map<String, Object> entry = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            entry.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        return entry;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
