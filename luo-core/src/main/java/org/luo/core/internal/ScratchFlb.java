// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/** An FLB for rehearsals, whose object is its name: what a first FLB runs for the first time takes milliseconds. */
final class ScratchFlb implements Flb<String> {
    static final Compatible NAME = Compatible.of("rehearsal-flb");

    @Override
    public Compatible compatible() {
        return NAME;
    }

    @Override
    public Preserved<String> preserve() {
        return new Preserved<>(NAME.text(), PluginState.empty());
    }

    @Override
    public void unpreserve(String object, PluginState state) {
        // nothing was kept
    }

    @Override
    public String retrieve(Compatible compatible, PluginState state) throws LuoException {
        return compatible.text();
    }

    @Override
    public void finish(String object) {
        // nothing to end
    }
}
