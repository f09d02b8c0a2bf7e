// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.handover.Launch;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** What bundles are told of the launcher, in a framework that runs. */
class LaunchTest {
    @TempDir
    private Path directory;

    private Framework framework;

    private void start(Map<String, String> properties) throws Exception {
        Map<String, String> all = new HashMap<>(properties);
        all.put(Constants.FRAMEWORK_STORAGE, directory.toString());
        framework = new PinningFrameworkFactory().newFramework(all);
        framework.start();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void itIsOverAtTheStartLevelThatOurLauncherNames() throws Exception {
        start(Map.of(Launch.UP, "2"));
        assertThat(Launch.isOver(framework.getBundleContext())).isFalse();
        CountDownLatch reached = new CountDownLatch(1);
        framework.adapt(FrameworkStartLevel.class).setStartLevel(2, _ -> reached.countDown());
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Launch.isOver(framework.getBundleContext())).isTrue();
    }

    @Test
    void ofAnotherLauncherItIsTakenForGranted() throws Exception {
        start(Map.of());
        assertThat(Launch.isOver(framework.getBundleContext())).isTrue();
    }
}
