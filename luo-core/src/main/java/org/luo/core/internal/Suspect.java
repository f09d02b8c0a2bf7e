// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

/** Something whose callback has not returned in time: until it does, nothing else may be called for it. */
interface Suspect {
    /** A callback for it hangs in the thread of this progress, which has been given up. */
    void suspect(Progress hung);
}
