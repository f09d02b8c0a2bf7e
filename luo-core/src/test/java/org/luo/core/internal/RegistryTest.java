// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_PRESERVE;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** Plug-ins come, are refused, leave, and come back. */
final class RegistryTest {
    private Platform platform;

    @BeforeEach
    void serving() throws Exception {
        platform = Platform.serving();
    }

    private RecordingHandler memfd(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds).writing("memfd-v1");
    }

    private List<String> handlers() {
        return platform.orchestrator.handlers().stream()
                .map(info -> info.compatible() + " " + info.bundle() + " " + info.files() + " " + info.status())
                .toList();
    }

    @Test
    void theSameFormatTwiceExistsEvenFromTheSameHandler() throws Exception {
        RecordingHandler first = platform.add(memfd("first"));
        refused(Errno.EEXIST, () -> platform.add(first));
        refused(Errno.EEXIST, () -> platform.add(memfd("second")));
        assertThat(handlers())
                .containsExactly(
                        "memfd-v1 org.luo.first [10] 0 ACTIVE",
                        "memfd-v1 org.luo.first [10] 0 REJECTED",
                        "memfd-v1 org.luo.second [11] 0 REJECTED");
        platform.core.handlers().remove(first);
        assertThat(handlers()).containsExactly("memfd-v1 org.luo.second [11] 0 ACTIVE");
    }

    @Test
    void oneThatWasRefusedGetsItsTurnInOrder() throws Exception {
        RecordingHandler first = platform.add(memfd("first"));
        RecordingHandler second = memfd("second");
        RecordingHandler third = memfd("third");
        refused(Errno.EEXIST, () -> platform.add(second));
        refused(Errno.EEXIST, () -> platform.add(third));
        platform.core.handlers().remove(second);
        platform.core.handlers().remove(first);
        assertThat(handlers()).containsExactly("memfd-v1 org.luo.third [12] 0 ACTIVE");
        platform.session("vm1", "a");
        assertThat(platform.journal.lines(CAN_PRESERVE)).containsExactly("third.canPreserve a");
    }

    @Test
    void handlersAreAskedInOrderOfRegistrationAndOneThatCameBackAsksLast() throws Exception {
        RecordingHandler one = platform.handler("one").accepting(file -> false);
        platform.handler("two").accepting(file -> false);
        platform.handler("three");
        platform.core.handlers().remove(one);
        platform.add(one);
        platform.session("vm1", "a");
        assertThat(platform.journal.lines(CAN_PRESERVE)).containsExactly("two.canPreserve a", "three.canPreserve a");
        assertThat(handlers()).hasSize(3).last().isEqualTo("one-v1 org.luo.one [10] 0 ACTIVE");
    }

    @Test
    void registeringIsAllowedWhileSessionsAreActive() throws Exception {
        platform.add(memfd("first").accepting(file -> false));
        OutgoingSession vm1 = platform.session("vm1");
        refused(Errno.ENOENT, () -> platform.preserve(vm1, "a", 1));
        platform.handler("second");
        platform.preserve(vm1, "a", 1);
    }

    @Test
    void oneThatLeavesWithFilesIsListedAsOrphanedUntilItIsBackOrTheyAreGone() throws Exception {
        RecordingHandler first = platform.add(memfd("first"));
        OutgoingSession vm1 = platform.session("vm1", "a", "b");
        platform.core.handlers().remove(first);
        assertThat(platform.orchestrator.handlers())
                .containsExactly(
                        new HandlerInfo(Compatible.of("memfd-v1"), List.of(), List.of(), "", 2, PluginStatus.ORPHANED));
        assertThat(platform.fds.openCount()).isEqualTo(2);
        refused(Errno.ENOENT, () -> platform.preserve(vm1, "c", 3));

        platform.add(memfd("second"));
        assertThat(handlers()).containsExactly("memfd-v1 org.luo.second [11] 2 ACTIVE");
        vm1.close();
        assertThat(platform.journal.lines()).contains("second.unpreserve b", "second.unpreserve a");
        platform.assertHoldsNothing();
    }

    @Test
    void aRefusedOneTakesOrphansOver() throws Exception {
        RecordingHandler first = platform.add(memfd("first"));
        refused(Errno.EEXIST, () -> platform.add(memfd("second")));
        OutgoingSession vm1 = platform.session("vm1", "a");
        platform.core.handlers().remove(first);
        assertThat(handlers()).containsExactly("memfd-v1 org.luo.second [11] 1 ACTIVE");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void the64thFlbHasNoSpaceUntilAnotherLeaves() throws Exception {
        RecordingFlb first = platform.flb("f0");
        for (int i = 1; i < 63; i++) {
            platform.flb("f" + i);
        }
        refused(Errno.ENOSPC, () -> platform.flb("f63"));
        assertThat(platform.orchestrator.flbs()).hasSize(64).last().satisfies(info -> {
            assertThat(info.compatible()).hasToString("f63-v1");
            assertThat(info.status()).isEqualTo(PluginStatus.REJECTED);
        });
        refused(Errno.ENOSPC, () -> platform.flb("f7"));
        platform.core.flbs().remove(first);
        assertThat(platform.orchestrator.flbs())
                .extracting(info -> info.compatible() + " " + info.status())
                .contains("f63-v1 ACTIVE", "f7-v1 REJECTED")
                .doesNotContain("f0-v1 ACTIVE");
    }

    @Test
    void anOrphanedFlbKeepsItsPlaceAmongThe63() throws Exception {
        RecordingFlb first = platform.flb("f0");
        platform.add(memfd("memfd").needing("f0-v1"));
        OutgoingSession vm1 = platform.session("vm1", "a");
        for (int i = 1; i < 63; i++) {
            platform.flb("f" + i);
        }
        platform.core.flbs().remove(first);
        refused(Errno.ENOSPC, () -> platform.flb("f63"));
        platform.add(first);
        vm1.close();
    }

    @Test
    void aPluginWithoutItsConstantsIsAnError() {
        Owner owner = new Owner(7, "org.luo.odd [7]");
        Compatible name = Compatible.of("odd-v1");
        refused(Errno.EIO, () -> Registration.of(odd(FileHandler.class, null, List.of()), owner));
        refused(Errno.EIO, () -> Registration.of(odd(FileHandler.class, name, null), owner));
        refused(Errno.EIO, () -> Registration.of(odd(FileHandler.class, name, Arrays.asList(name, null)), owner));
        refused(Errno.EIO, () -> Registration.of(odd(Flb.class, null, List.of()), owner));
        refused(Errno.EIO, () -> Registration.of(odd(Flb.class, name, null), owner));
    }

    private static <T> T odd(Class<T> type, Compatible compatible, List<Compatible> lists) {
        Object plugin = Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> method.getReturnType() == List.class ? lists : compatible);
        return type.cast(plugin);
    }
}
