// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.deploy.Deployment;
import org.luo.deploy.Deployment.Change;
import org.luo.deploy.Deployment.Status;
import org.luo.framework.deploy.Deployer;
import org.luo.framework.tiny.HangingActivator;
import org.luo.framework.tiny.ServiceActivator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** A bundle whose activator does not return: it is pending, with where and for how long, and the other jars go on. */
@Timeout(60)
final class HangingActivatorTest {
    @TempDir
    private Path directory;

    private final CountDownLatch go = new CountDownLatch(1);
    private Path folder;
    private Path workshop;
    private TinyFramework tiny;
    private Deployer deployer;

    @BeforeEach
    void start() throws Exception {
        folder = directory.resolve("deploy");
        workshop = Files.createDirectory(directory.resolve("workshop"));
        tiny = new TinyFramework(directory);
        deployer = new Deployer(tiny.framework.getBundleContext(), folder, directory.resolve("copies"));
        deployer.install();
        deployer.start();
    }

    @AfterEach
    void stop() throws Exception {
        go.countDown();
        System.getProperties().keySet().removeIf(key -> key.toString().startsWith("tiny."));
        tiny.close();
    }

    private void hangsIn(String what) {
        System.getProperties().put("tiny." + what, go);
    }

    private Path jar(String name, Class<?> activator, int version) throws IOException {
        return new TinyJar(name, "Bundle-Version: " + version).with(activator).write(workshop);
    }

    private void drop(String file, Path jar) throws IOException {
        Files.move(jar, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        deployer.look();
    }

    private Optional<Deployment> deployment(String file) {
        return deployer.deployments().stream()
                .filter(deployment -> deployment.file().equals(file))
                .findFirst();
    }

    private void hangs(String file, Change change, String step) {
        Deployment found = deployment(file).orElseThrow();
        assertThat(found.status()).as(found.toString()).isEqualTo(Status.PENDING);
        assertThat(found.wanted()).isEqualTo(change);
        assertThat(found.reason())
                .matches(step + " of " + file + " has not returned for \\d+ s, in " + HangingActivator.class.getName()
                        + "\\.await");
    }

    private Bundle bundle(String name) {
        return Arrays.stream(tiny.framework.getBundleContext().getBundles())
                .filter(bundle -> name.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElse(null);
    }

    private void awaitStatus(String file, Status status) throws InterruptedException {
        for (long end = System.nanoTime() + 20_000_000_000L;
                deployment(file).map(Deployment::status).filter(status::equals).isEmpty(); ) {
            assertThat(System.nanoTime()).as("%s", deployment(file)).isLessThan(end);
            Thread.sleep(20);
            deployer.look();
        }
    }

    private void others() throws IOException {
        drop("b.jar", jar("b", ServiceActivator.class, 1));
        assertThat(bundle("b").getState()).isEqualTo(Bundle.ACTIVE);
        drop("b.jar", jar("b", ServiceActivator.class, 2));
        assertThat(bundle("b").getVersion().getMajor()).isEqualTo(2);
        Files.delete(folder.resolve("b.jar"));
        deployer.look();
        assertThat(bundle("b")).isNull();
    }

    @Test
    void aStartThatHangsIsPendingAndTheOthersComeChangeAndGo() throws Exception {
        hangsIn("start");
        drop("a.jar", jar("a", HangingActivator.class, 1));
        hangs("a.jar", Change.INSTALL, "start");
        others();
        hangs("a.jar", Change.INSTALL, "start");
        go.countDown();
        awaitStatus("a.jar", Status.DONE);
        assertThat(bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void whatHasChangedMeanwhileIsDoneWhenItReturns() throws Exception {
        hangsIn("start");
        drop("a.jar", jar("a", HangingActivator.class, 1));
        drop("a.jar", jar("a", HangingActivator.class, 2));
        hangs("a.jar", Change.INSTALL, "start");
        assertThat(bundle("a").getVersion().getMajor()).isEqualTo(1);
        go.countDown();
        for (int i = 0; i < 100 && bundle("a").getVersion().getMajor() == 1; i++) {
            Thread.sleep(20);
            deployer.look();
        }
        awaitStatus("a.jar", Status.DONE);
        assertThat(bundle("a").getVersion().getMajor()).isEqualTo(2);
    }

    @Test
    void aJarThatIsDeletedMeanwhileGoesWhenItReturns() throws Exception {
        hangsIn("start");
        drop("a.jar", jar("a", HangingActivator.class, 1));
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        hangs("a.jar", Change.UNINSTALL, "start");
        go.countDown();
        for (int i = 0; i < 100 && deployment("a.jar").isPresent(); i++) {
            Thread.sleep(20);
            deployer.look();
        }
        assertThat(deployment("a.jar")).isEmpty();
        assertThat(bundle("a")).isNull();
    }

    @Test
    void oneThatFailsInTheEndIsUninstalledAndListed() throws Exception {
        hangsIn("start");
        System.setProperty("tiny.fails", "");
        drop("a.jar", jar("a", HangingActivator.class, 1));
        go.countDown();
        awaitStatus("a.jar", Status.FAILED);
        assertThat(deployment("a.jar").orElseThrow().reason()).contains("made up");
        assertThat(bundle("a")).isNull();
    }

    @Test
    void aStopThatHangsKeepsItsUpdateAndNobodyElses() throws Exception {
        drop("a.jar", jar("a", HangingActivator.class, 1));
        hangsIn("stop");
        drop("a.jar", jar("a", HangingActivator.class, 2));
        hangs("a.jar", Change.UPDATE, "update");
        others();
        go.countDown();
        awaitStatus("a.jar", Status.DONE);
        assertThat(bundle("a").getVersion().getMajor()).isEqualTo(2);
    }

    @Test
    void aCommandIsAnsweredThoughTheBundleHangs() throws Exception {
        hangsIn("start");
        long id = deployer.deploy(jar("a", HangingActivator.class, 1));
        assertThat(tiny.framework.getBundleContext().getBundle(id).getState()).isEqualTo(Bundle.STARTING);
        hangs("a.jar", Change.INSTALL, "start");
        assertThatThrownBy(() -> deployer.deploy(jar("a", HangingActivator.class, 2)))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("start of a.jar has not returned");
        assertThatThrownBy(() -> deployer.remove(id))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("start of a.jar has not returned");
        go.countDown();
        for (int i = 0; i < 100 && bundle("a") != null; i++) {
            Thread.sleep(20);
            deployer.look();
        }
        assertThat(bundle("a")).isNull();
        assertThat(deployer.deployments()).isEmpty();
    }
}
