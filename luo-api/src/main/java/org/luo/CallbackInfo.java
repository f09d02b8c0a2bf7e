// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * A callback of a plug-in that takes long.
 *
 * @param callback which: {@code preserve}
 * @param subject of what: a file {@code vm1/0x1}, or a plug-in {@code memfd-v2 of org.luo.handler.memfd [7]}
 * @param bundle whose plug-in is called, if the subject does not say so; else empty
 * @param millis how long it has been under way at least, in ms
 * @param overdue whether nobody waits for it any more: the call, or the transition, has failed
 * @param thread the identifier of the thread in which it runs
 */
public record CallbackInfo(String callback, String subject, String bundle, long millis, boolean overdue, long thread) {
    /** {@code preserve of memfd-v2 of org.luo.handler.memfd [7], under way for 61000 ms}. */
    @Override
    public String toString() {
        String whose = bundle.isEmpty() ? "" : " by " + bundle;
        return callback + " of " + subject + whose + ", under way for " + millis + " ms"
                + (overdue ? ", given up" : "");
    }
}
