// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Files;
import java.util.Optional;
import org.luo.handover.Door;
import org.luo.handover.IncomingSide;
import org.luo.linux.LiveUpdate;
import org.luo.spi.PluginState;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Passes what the service manager has handed in to this process's successor, which the manager does not know. A door
 * without requests, where the kernel does live updates.
 */
@Component(
        immediate = true,
        service = {})
public final class HandedOn implements Door {
    private final HandedIn handedIn;

    /** Called by Declarative Services; what is registered here ends with the bundle. */
    @Activate
    public HandedOn(BundleContext context, @Reference KernelHandover handover) {
        this(handover.handedIn());
        if (Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            new Deposit(System.getenv()).remove(); // whatever came by it has been served, or this would be no successor
        }
        if (Files.exists(LiveUpdate.DEVICE)) {
            context.registerService(Door.class, this, null);
        }
    }

    HandedOn(HandedIn handedIn) {
        this.handedIn = handedIn;
    }

    @Override
    public String name() {
        return "kernel-sessions";
    }

    @Override
    public void open(Optional<PluginState> inherited) {
        inherited.ifPresent(state -> state.fds().forEach(handedIn::add));
    }

    @Override
    public PluginState freeze() {
        return new PluginState(new byte[0], handedIn.fds());
    }

    /** Nothing was stopped. */
    @Override
    public void unfreeze() {}

    @Override
    public void close() {
        handedIn.close();
    }
}
