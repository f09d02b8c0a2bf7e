// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.HashMap;
import java.util.Map;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/**
 * Passes events on to the Event Admin service, if the framework has one.
 *
 * <p>Shape: topic {@code org/luo/} and the type, such as {@code org/luo/state_changed}; properties {@code sequence},
 * {@code timestamp}, {@code subject}, and the details by their names.
 */
@Component(service = LiveUpdateListener.class)
public final class EventAdminBridge implements LiveUpdateListener {
    private static final String TOPIC = "org/luo/";

    private final EventAdmin admin;

    /** Made while there is an Event Admin. */
    @Activate
    public EventAdminBridge(@Reference EventAdmin admin) {
        this.admin = admin;
    }

    @Override
    public void happened(LiveUpdateEvent event) {
        Map<String, Object> properties = new HashMap<>(event.details());
        properties.put("sequence", event.sequence());
        properties.put("timestamp", event.time());
        properties.put("subject", event.subject());
        admin.postEvent(new Event(TOPIC + event.type(), properties));
    }
}
