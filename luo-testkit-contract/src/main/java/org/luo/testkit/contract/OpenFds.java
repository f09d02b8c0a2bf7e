// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.linux.Fds;
import org.luo.testkit.NoFdLeft;

/** Which fds are open in this process, and what they show. What the JDK opens by itself does not count. */
record OpenFds(Map<Integer, String> open) {
    static OpenFds now() throws IOException {
        return new OpenFds(NoFdLeft.open());
    }

    OpenFds without(OpenFds others) {
        Map<Integer, String> rest = new TreeMap<>(open);
        rest.entrySet().removeAll(others.open.entrySet());
        return new OpenFds(rest);
    }

    OpenFds without(List<Integer> fds) {
        Map<Integer, String> rest = new TreeMap<>(open);
        rest.keySet().removeAll(fds);
        return new OpenFds(rest);
    }

    /** Closes those that are still open. */
    void closeRest() throws IOException {
        Map<Integer, String> rest = new TreeMap<>(now().open);
        rest.entrySet().retainAll(open.entrySet());
        rest.keySet().forEach(Fds::close);
    }

    /** Fails if there are others now: left open, or closed although they were not the handler's. */
    void assertUnchanged(String after) throws IOException {
        OpenFds now = now();
        assertThat(now.without(this).open).as("fds left open after %s", after).isEmpty();
        assertThat(without(now).open)
                .as("fds that %s closed and did not own", after)
                .isEmpty();
    }
}
