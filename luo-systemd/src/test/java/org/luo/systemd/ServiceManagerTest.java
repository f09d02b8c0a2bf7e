// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.ServiceManager;
import org.luo.testkit.NoFdLeft;

/** What is said to a service manager, on real sockets. */
@ExtendWith(NoFdLeft.class)
class ServiceManagerTest {
    @Test
    void messagesComeInOrderAndABarrierWaitsForThem() throws Exception {
        try (FakeManager manager = new FakeManager()) {
            manager.manager().tell("READY=1\nSTATUS=up");
            int fd = Memfd.create("kept", 0);
            try (ServiceManager.Conversation conversation = manager.manager().connect()) {
                conversation.tell("FDSTORE=1\nFDNAME=a", fd);
                conversation.tell("FDSTORE=1\nFDNAME=b", fd);
                conversation.await();
                assertThat(manager.told()).containsExactly("READY=1\nSTATUS=up", "+a", "+b", "BARRIER=1");
                assertThat(manager.names()).as("the same file").containsExactly("a");
                conversation.tell("FDSTOREREMOVE=1\nFDNAME=a");
                conversation.await();
                assertThat(manager.names()).isEmpty();
            } finally {
                Fds.closeAll(List.of(fd));
            }
        }
    }

    @Test
    void aManagerThatIsNotThereIsAnError() {
        Map<String, String> gone = Map.of("NOTIFY_SOCKET", "/tmp/luo-no-such-socket");
        ServiceManager manager = ServiceManager.of(gone).orElseThrow();
        assertThat(catchThrowableOfType(LuoException.class, () -> manager.tell("READY=1"))
                        .errno())
                .isEqualTo(Errno.ENOENT);
        Map<String, String> unnamed = Map.of("NOTIFY_SOCKET", "@luo-no-such-socket");
        ServiceManager abstractOne = ServiceManager.of(unnamed).orElseThrow();
        assertThat(catchThrowableOfType(LuoException.class, () -> abstractOne.tell("READY=1"))
                        .errno())
                .isEqualTo(Errno.ECONNREFUSED);
    }

    @Test
    void anAddressThatIsNoneIsNoManager() {
        assertThat(ServiceManager.of(Map.of())).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", ""))).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", Path.of("run/x").toString())))
                .isEmpty();
    }

    @Test
    void theWatchdogIsDueThreeTimesInItsTime() {
        Watchdog watchdog = Watchdog.of(Map.of("WATCHDOG_USEC", "3000000"));
        long now = System.nanoTime();
        assertThat(watchdog.isDue(now)).isTrue();
        assertThat(watchdog.isDue(now + TimeUnit.MILLISECONDS.toNanos(999))).isFalse();
        assertThat(watchdog.isDue(now + TimeUnit.MILLISECONDS.toNanos(1000))).isTrue();
        assertThat(Watchdog.of(Map.of()).isDue(now)).isFalse();
        assertThat(Watchdog.of(Map.of("WATCHDOG_USEC", "soon")).isDue(now)).isFalse();
        assertThat(Watchdog.of(Map.of("WATCHDOG_USEC", "-1")).isDue(now)).isFalse();
    }
}
