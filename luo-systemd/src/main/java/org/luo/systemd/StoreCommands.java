// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The commands {@code fdstore}, {@code fdstore.sync} and {@code fdstore.discard}. */
@Component(
        immediate = true,
        service = {})
public final class StoreCommands {
    private final Store store;
    private final List<ServiceRegistration<AdminCommand>> registrations;

    /**
     * A command without arguments.
     *
     * @param name see {@link AdminCommand#name}
     * @param description see {@link AdminCommand#description}
     * @param body what it does
     */
    private record Command(String name, String description, Body body) implements AdminCommand {
        private interface Body {
            Map<String, Object> run() throws LuoException;
        }

        @Override
        public Map<String, Object> run(Map<String, Object> arguments) throws LuoException {
            if (!arguments.isEmpty()) {
                throw LuoException.of(Errno.EINVAL, name + " takes no arguments");
            }
            return body.run();
        }
    }

    /** Offers the commands. Undo: {@link #deactivate}. */
    @Activate
    public StoreCommands(BundleContext context, @Reference Store store) {
        this.store = store;
        this.registrations = Stream.of(
                        new Command("fdstore", "what the service manager keeps against a crash", store::status),
                        new Command("fdstore.sync", "returns when it keeps all that is preserved", this::sync),
                        new Command("fdstore.discard", "lets go of what it handed in and was refused", this::discard))
                .map(command -> context.registerService(AdminCommand.class, command, null))
                .toList();
    }

    /** Takes the commands away. */
    @Deactivate
    void deactivate() {
        registrations.forEach(ServiceRegistration::unregister);
    }

    private Map<String, Object> sync() throws LuoException {
        store.await();
        return store.status();
    }

    private Map<String, Object> discard() throws LuoException {
        store.discard();
        return Map.of("discarded", true);
    }
}
