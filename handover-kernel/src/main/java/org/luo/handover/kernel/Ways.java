// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.luo.linux.LiveUpdate;
import org.osgi.framework.BundleContext;

/**
 * The ways to sessions of the kernel's, in the order in which they are tried.
 *
 * @param inOrder the last one can always be gone
 */
record Ways(List<Way> inOrder) {
    private static final String AGENT = "luo.kernel.agent";
    private static final String TIMEOUT = AGENT + ".timeout";
    private static final String OURS = "luo.agent.socket";
    private static final long AGENT_MILLIS = 30_000;

    /**
     * All ways.
     *
     * <p>Framework properties: {@code luo.kernel.agent} is the socket of an agent that may have the device, {@code
     * /run/luod/liveupdate.sock} if it is not set; {@code luo.kernel.agent.timeout} how many ms it is waited for, 30,000;
     * {@code luo.agent.socket} where this platform's own agent is.
     */
    static Ways of(BundleContext context, Machine machine, HandedIn handedIn) {
        String path = context.getProperty(AGENT);
        String ours = context.getProperty(OURS);
        String millis = context.getProperty(TIMEOUT);
        Way agent = new AgentSocket(
                path == null ? AgentSocket.USUAL : Path.of(path),
                ours == null ? null : Path.of(ours),
                Duration.ofMillis(millis == null ? AGENT_MILLIS : Long.parseLong(millis)),
                fd -> Identified.of(fd, machine));
        return new Ways(List.of(handedIn, agent, new OpenedDevice(machine, LiveUpdate.DEVICE)));
    }

    /**
     * The way that is gone.
     *
     * @param way it
     * @param others why not those before it
     */
    record Choice(Way way, List<String> others) {
        /** For people. */
        @Override
        public String toString() {
            return way.name() + (others.isEmpty() ? "" : ", since " + String.join("; ", others));
        }
    }

    /**
     * Looks for the way, now: an agent may have come or gone.
     *
     * @param creating as with {@link Way#require}
     */
    Choice choose(boolean creating) {
        List<String> others = new ArrayList<>();
        for (Way way : inOrder) {
            try {
                way.require(creating);
                return new Choice(way, others);
            } catch (NotThisWay e) {
                others.add(e.getMessage());
            }
        }
        throw new IllegalStateException("no way left: " + others);
    }
}
