// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.handover.Frozen;
import org.luo.handover.Image;

/** What is frozen; the gate is shut until this ends. */
final class FrozenCore implements Frozen {
    private final Core core;
    private final Image image;
    private final int sessions;
    private final int files;
    private boolean ended;

    FrozenCore(Core core, Image image, Cargo cargo) {
        this.core = core;
        this.image = image;
        this.sessions = cargo.sessions();
        this.files = cargo.files();
    }

    @Override
    public Image image() {
        return image;
    }

    @Override
    public int sessions() {
        return sessions;
    }

    @Override
    public int files() {
        return files;
    }

    @Override
    public void fence() {
        core.host().settle();
    }

    @Override
    public void unfreeze() {
        requireGoingOn();
        core.departure().unfreeze();
    }

    @Override
    public void relinquish(String successor) {
        requireGoingOn();
        end();
        core.gate().relinquish(successor);
        try {
            core.letGo();
        } finally {
            core.gate().open();
        }
    }

    private void requireGoingOn() {
        if (ended) {
            throw new IllegalStateException("this freeze has ended already");
        }
    }

    /** It can be ended by nobody any more. */
    void end() {
        ended = true;
    }
}
