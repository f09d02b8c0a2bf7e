// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionName;
import org.luo.admin.AdminCommand;
import org.luo.linux.Fds;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.ServiceTracker;

/** The workload's commands. One runs at a time. */
@Component(service = {})
public final class WorkloadCommands {
    private static final int RESERVED_FDS = 256;

    /** How long a command waits for the orchestrator: a successor answers a moment before it is published. */
    private static final long PATIENCE_MILLIS = 3_000;

    private ServiceTracker<Orchestrator, Orchestrator> orchestrator;
    private List<ServiceRegistration<AdminCommand>> commands;

    // Guarded by this.
    private final List<Outgoing> outgoing = new ArrayList<>();
    private final Incoming incoming = new Incoming();

    /**
     * A command.
     *
     * @param name see {@link AdminCommand#name}
     * @param description see {@link AdminCommand#description}
     * @param body what it does
     */
    private record Command(String name, String description, Body body) implements AdminCommand {
        @FunctionalInterface
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
    void activate(BundleContext context) {
        orchestrator = new ServiceTracker<>(context, Orchestrator.class, null);
        orchestrator.open();
        commands = Stream.of(
                        new Command("workload.preserve", "makes memfds and preserves them", this::preserve),
                        new Command("workload.write", "writes more to the preserved files", this::write),
                        new Command("workload.verify", "verifies what came over", this::verify),
                        new Command("workload.finish", "finishes what came over", this::finish),
                        new Command("workload.drop", "undoes all preservations", this::drop),
                        new Command("workload.huge_pages", "the machine's huge pages", arguments -> hugePages()),
                        new Command("workload.shmem", "the machine's shared memory", arguments -> shmem()))
                .map(command -> context.registerService(AdminCommand.class, command, null))
                .toList();
    }

    /** As the end of a process would: outgoing sessions are closed. */
    @Deactivate
    synchronized void deactivate() throws LuoException {
        commands.forEach(ServiceRegistration::unregister);
        try {
            drop(Map.of());
        } finally {
            orchestrator.close();
        }
    }

    private synchronized Map<String, Object> preserve(Map<String, Object> arguments) throws LuoException {
        Request request =
                Request.parse(arguments, Memory.kilobytes("MemAvailable") * 1024, Memory.number("Hugepagesize") * 1024);
        long fds = Fds.rlimitNofile().soft() - RESERVED_FDS;
        if (request.files() > fds) {
            throw LuoException.of(
                    Errno.EMFILE,
                    "workload: files " + request.files() + ": more than the " + fds
                            + " fds this process has for them; start it with a higher ulimit -n");
        }
        requireHugePages(request);
        outgoing.add(Outgoing.preserve(orchestrator(), request));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put(
                "sessions",
                request.sessions().stream().map(SessionName::toString).toList());
        result.put("files", (long) request.files());
        result.put("bytes", request.total());
        result.put("seed", request.seed());
        return result;
    }

    private static void requireHugePages(Request request) throws LuoException {
        long needed = request.hugePages();
        if (needed > 0 && needed > Memory.number("HugePages_Free") - Memory.number("HugePages_Rsvd")) {
            throw LuoException.of(
                    Errno.ENOMEM,
                    "workload: huge " + request.huge() + ": needs " + needed + " huge pages of "
                            + (request.hugePage() >> 10) + " kB, and " + Memory.number("HugePages_Free") + " of "
                            + Memory.number("HugePages_Total") + " are free; as root: sysctl vm.nr_hugepages="
                            + (Memory.number("HugePages_Total") - Memory.number("HugePages_Free") + needed));
        }
    }

    private synchronized Map<String, Object> write(Map<String, Object> arguments) throws LuoException {
        if (outgoing.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, "workload: nothing is preserved");
        }
        orchestrator();
        long bytes = 0;
        for (Outgoing workload : outgoing) {
            bytes += workload.write();
        }
        return Map.of("bytes", bytes);
    }

    private synchronized Map<String, Object> verify(Map<String, Object> arguments) throws LuoException {
        return incoming.verify(orchestrator()).result();
    }

    private synchronized Map<String, Object> finish(Map<String, Object> arguments) throws LuoException {
        return Map.of("sessions", (long) incoming.finish(orchestrator()));
    }

    private synchronized Map<String, Object> drop(Map<String, Object> arguments) throws LuoException {
        long dropped = 0;
        while (!outgoing.isEmpty()) {
            outgoing.getLast().close();
            outgoing.removeLast();
            dropped++;
        }
        return Map.of("workloads", dropped);
    }

    private static Map<String, Object> shmem() throws LuoException {
        return Map.of("shmem_kb", Memory.kilobytes("Shmem"));
    }

    private static Map<String, Object> hugePages() throws LuoException {
        Map<String, Object> pages = new LinkedHashMap<>();
        pages.put("total", Memory.number("HugePages_Total"));
        pages.put("free", Memory.number("HugePages_Free"));
        pages.put("reserved", Memory.number("HugePages_Rsvd"));
        return pages;
    }

    /** @throws LuoException EAGAIN if this process owns no sessions */
    private Orchestrator orchestrator() throws LuoException {
        Orchestrator present = null;
        try {
            present = orchestrator.waitForService(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (present == null) {
            throw LuoException.of(Errno.EAGAIN, "workload: this process owns no sessions now");
        }
        return present;
    }
}
