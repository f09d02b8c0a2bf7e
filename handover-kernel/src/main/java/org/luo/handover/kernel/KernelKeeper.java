// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import org.luo.handover.IncomingSide;
import org.luo.handover.Keeper;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The other end of a kernel handover: what the kernel before has left. It was frozen, so it comes before what others may
 * have kept.
 *
 * <p>Happy path: the kernel session is found · envelope and files are taken out of it · deserialized · served · the kernel's
 * session is finished, since everything is ours now. If what came can't be taken, nothing of it is: the session stays open
 * in this process for somebody to look at.
 */
@Component(property = "service.ranking:Integer=100")
public final class KernelKeeper implements Keeper {
    private final KernelHandover handover;
    private final Deposit deposit;
    private Arrival taken;

    /** Called by Declarative Services. */
    @Activate
    public KernelKeeper(@Reference KernelHandover handover) {
        this(handover, new Deposit(System.getenv()));
    }

    KernelKeeper(KernelHandover handover, Deposit deposit) {
        this.handover = handover;
        this.deposit = deposit;
    }

    @Override
    public String name() {
        return KernelHandover.KIND;
    }

    @Override
    public Outcome restore(IncomingSide incoming) {
        Arrival arrival = new Arrival(handover, incoming, deposit);
        if (!arrival.find()) {
            return Outcome.NOTHING;
        }
        if (!arrival.take()) {
            return Outcome.REFUSED;
        }
        taken = arrival;
        return Outcome.TAKEN;
    }

    @Override
    public void served() {
        if (taken != null) {
            taken.finish();
            taken = null;
        }
    }
}
