// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

/** Something that a plug-in keeps. */
interface Plugged {
    /** Where its plug-in is. */
    Slot<?> slot();
}
