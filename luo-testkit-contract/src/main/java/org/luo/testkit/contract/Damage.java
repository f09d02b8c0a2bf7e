// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.luo.Errno;
import org.luo.spi.PluginState;

/**
 * A state that is not what was frozen.
 *
 * @param what is wrong with it
 * @param state the whole of it
 * @param mayPass whether it can't be told from a sound one, as when a bit of a number has changed
 */
record Damage(String what, PluginState state, boolean mayPass) {
    /** Longer states are damaged here and there only. */
    private static final int PLACES = 512;

    /** Every way to damage a state: shorter, longer, any bit, fds missing, too many or of another file. */
    static List<Damage> of(PluginState sound, int foreign) {
        List<Damage> all = new ArrayList<>();
        byte[] data = sound.data();
        int step = Math.max(1, data.length / PLACES);
        for (int length = 0; length < data.length; length += step) {
            all.add(new Damage(
                    "cut to " + length + " of " + data.length + " bytes",
                    new PluginState(Arrays.copyOf(data, length), sound.fds()),
                    false));
        }
        for (int more : new int[] {1, 8, 4096, 1 << 20}) {
            all.add(new Damage(
                    "with " + more + " bytes more",
                    new PluginState(Arrays.copyOf(data, data.length + more), sound.fds()),
                    false));
        }
        for (int at = 0; at < data.length; at += step) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = data.clone();
                flipped[at] ^= (byte) (1 << bit);
                all.add(new Damage(
                        "with bit " + bit + " of byte " + at + " flipped",
                        new PluginState(flipped, sound.fds()),
                        true));
            }
        }
        addFds(all, sound, foreign);
        return all;
    }

    private static void addFds(List<Damage> all, PluginState sound, int foreign) {
        byte[] data = sound.data();
        List<Integer> more = new ArrayList<>(sound.fds());
        more.add(foreign);
        all.add(new Damage("with an fd too many", new PluginState(data, more), false));
        if (!sound.fds().isEmpty()) {
            List<Integer> others = new ArrayList<>(sound.fds());
            others.set(0, foreign);
            all.add(new Damage("with no fds", PluginState.of(data), false));
            all.add(new Damage("with an fd of another file", new PluginState(data, others), false));
        }
    }

    /** What it may be refused with. A changed number may well name a thing that there is not. */
    Set<Errno> errnos() {
        return mayPass ? EnumSet.allOf(Errno.class) : EnumSet.of(Errno.EBADMSG);
    }
}
