// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.luo.LiveUpdateEvent;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/** Our events as those of the Event Admin service. */
final class EventAdminBridgeTest {
    @Test
    void anEventHasItsTypeAsTopicAndItsDetailsAsProperties() {
        List<Event> posted = new ArrayList<>();
        EventAdmin admin = new EventAdmin() {
            @Override
            public void postEvent(Event event) {
                posted.add(event);
            }

            @Override
            public void sendEvent(Event event) {
                throw new IllegalStateException("must not wait for handlers");
            }
        };
        new EventAdminBridge(admin)
                .happened(new LiveUpdateEvent(
                        7, 1000, LiveUpdateEvent.Type.STATE_CHANGED, "", Map.of("from", "normal", "to", "prepared")));
        assertThat(posted).hasSize(1);
        Event event = posted.getFirst();
        assertThat(event.getTopic()).isEqualTo("org/luo/state_changed");
        assertThat(event.getProperty("sequence")).isEqualTo(7L);
        assertThat(event.getProperty("timestamp")).isEqualTo(1000L);
        assertThat(event.getProperty("to")).isEqualTo("prepared");
    }
}
