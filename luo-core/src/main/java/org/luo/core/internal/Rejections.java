// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.RejectedPlugin;

/** Why which plug-ins of a kind are not taken. Its lock is a leaf, so that looking waits for nobody. */
final class Rejections<S> {
    private final String kind;
    private final List<Rejection<S>> all = new ArrayList<>(); // guarded by this

    private record Rejection<S>(S service, RejectedPlugin info) {}

    Rejections(String kind) {
        this.kind = kind;
    }

    /** @param reason may have been written by the plug-in */
    synchronized void add(S service, String compatible, Owner owner, String reason) {
        all.add(new Rejection<>(service, new RejectedPlugin(kind, compatible, owner.name(), Names.printable(reason))));
    }

    /** Forgets one of its rejections; a plug-in may be registered twice. */
    synchronized void remove(S service) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).service() == service) {
                all.remove(i);
                return;
            }
        }
    }

    synchronized List<RejectedPlugin> infos() {
        return all.stream().map(Rejection::info).toList();
    }
}
