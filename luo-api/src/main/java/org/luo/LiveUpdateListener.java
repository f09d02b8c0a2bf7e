// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.EnumSet;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told what happens. Registered as an OSGi service; events of the time before are not told.
 *
 * <p>Context: one thread for all listeners, in order, a moment after it happened; no lock is held. A listener that is
 * slow makes others wait, and events are lost in the end; one that throws is logged and told the next event.
 */
@ConsumerType
public interface LiveUpdateListener {
    /** Which events it wants; what nobody wants costs nothing. Constant. {@code LOST} is told to everybody. */
    default Set<LiveUpdateEvent.Type> types() {
        return EnumSet.allOf(LiveUpdateEvent.Type.class);
    }

    /** Something has happened. */
    void happened(LiveUpdateEvent event);
}
