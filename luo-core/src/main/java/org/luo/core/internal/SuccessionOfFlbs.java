// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/** Which FLBs follow which because one handler follows another: one that only the new one needs and that reads the old. */
final class SuccessionOfFlbs {
    private final Core core;
    private final List<Succession<FileHandler>> handlers;

    SuccessionOfFlbs(Core core, List<Succession<FileHandler>> handlers) {
        this.core = core;
        this.handlers = handlers;
    }

    /** Those given, and those that follow from the handlers' needs and are not among them. */
    List<Succession<Flb<?>>> with(List<Succession<Flb<?>>> given) throws LuoException {
        List<Succession<Flb<?>>> all = new ArrayList<>(given);
        for (Succession<FileHandler> each : handlers) {
            for (Compatible gone : each.old().flbs()) {
                if (!each.by().flbs().contains(gone)) {
                    follow(gone, each, all);
                }
            }
        }
        return all;
    }

    private void follow(Compatible gone, Succession<FileHandler> handlers, List<Succession<Flb<?>>> all)
            throws LuoException {
        Slot<Flb<?>> from = core.flbs().slot(gone);
        if (from == null || all.stream().anyMatch(each -> each.from() == from)) {
            return;
        }
        for (Compatible name : handlers.by().flbs()) {
            Slot<Flb<?>> to = core.flbs().slot(name);
            Registration<Flb<?>> by = to == null ? null : to.current();
            if (by != null
                    && to != from
                    && by.canRead(gone)
                    && !handlers.old().flbs().contains(name)) {
                all.add(Succession.of(core.flbs(), from, by));
                return;
            }
        }
    }
}
