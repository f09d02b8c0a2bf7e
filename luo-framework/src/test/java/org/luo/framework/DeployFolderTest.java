// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.deploy.Deployment;
import org.luo.deploy.Deployment.Change;
import org.luo.deploy.Deployment.Status;
import org.luo.framework.deploy.Deployer;
import org.luo.framework.tiny.ServiceActivator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** What lies in the deploy folder runs; what can't is listed with the reason, and nothing else is touched. */
@Timeout(60)
final class DeployFolderTest {
    private static final String HOLDER = "vm1/0x1";

    @TempDir
    private Path directory;

    private Path folder;
    private Path workshop;
    private TinyFramework tiny;
    private Deployer deployer;

    @BeforeEach
    void start() throws Exception {
        folder = directory.resolve("deploy");
        workshop = Files.createDirectory(directory.resolve("workshop"));
        tiny = new TinyFramework(directory);
        deployer = deployer();
    }

    @AfterEach
    void stop() throws Exception {
        tiny.close();
    }

    private Deployer deployer() throws IOException {
        Deployer made = new Deployer(tiny.framework.getBundleContext(), folder, directory.resolve("copies"));
        made.install();
        made.start();
        return made;
    }

    private Path jar(String name, String... headers) throws IOException {
        return new TinyJar(name, headers).with(ServiceActivator.class).write(workshop);
    }

    private static String version(int version) {
        return "Bundle-Version: " + version;
    }

    /** Puts a jar there at once, and has the folder looked at. */
    private void drop(String file, Path jar) throws IOException {
        Files.move(jar, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        deployer.look();
    }

    private Deployment deployment(String file) {
        return deployer.deployments().stream()
                .filter(deployment -> deployment.file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    private void is(String file, Change change, Status status, String... reasons) {
        Deployment found = deployment(file);
        assertThat(found.wanted()).isEqualTo(change);
        assertThat(found.status()).as(found.toString()).isEqualTo(status);
        assertThat(reasons).allSatisfy(reason -> assertThat(found.reason()).contains(reason));
        assertThat(found.reason().isEmpty()).isEqualTo(status == Status.DONE);
    }

    private Optional<Bundle> find(String name) {
        return Arrays.stream(tiny.framework.getBundleContext().getBundles())
                .filter(bundle -> name.equals(bundle.getSymbolicName()))
                .findFirst();
    }

    private Bundle bundle(String name) {
        return find(name).orElseThrow();
    }

    private void runs(String name, int version) {
        assertThat(bundle(name).getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(bundle(name).getVersion().getMajor()).isEqualTo(version);
    }

    private void pin(String name) throws Exception {
        tiny.pins.pin(List.of(bundle(name).getBundleId()), HOLDER);
    }

    private void unpin(String name) {
        tiny.pins.unpin(List.of(bundle(name).getBundleId()), HOLDER);
    }

    @Test
    void aJarComesChangesAndGoes() throws Exception {
        drop("a.jar", jar("a", version(1)));
        runs("a", 1);
        is("a.jar", Change.INSTALL, Status.DONE);
        assertThat(deployment("a.jar").bundle()).isEqualTo(bundle("a").getBundleId());
        drop("a.jar", jar("a", version(2)));
        runs("a", 2);
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        assertThat(find("a")).isEmpty();
        assertThat(deployer.deployments()).isEmpty();
    }

    @Test
    void aPinnedBundleIsUpdatedWhenNothingNeedsItAnyMore() throws Exception {
        drop("a.jar", jar("a", version(1)));
        pin("a");
        Object instance = tiny.instance(bundle("a"));
        drop("a.jar", jar("a", version(2)));
        deployer.look();
        is("a.jar", Change.UPDATE, Status.PENDING, "update of bundle a [", "refused: 1 file preserved: " + HOLDER);
        runs("a", 1);
        assertThat(tiny.instance(bundle("a"))).isSameAs(instance);
        unpin("a");
        deployer.look();
        is("a.jar", Change.UPDATE, Status.DONE);
        runs("a", 2);
    }

    @Test
    void aPinnedBundleIsUninstalledWhenNothingNeedsItAnyMore() throws Exception {
        drop("a.jar", jar("a", version(1)));
        pin("a");
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        is("a.jar", Change.UNINSTALL, Status.PENDING, "uninstall of bundle a [", HOLDER);
        runs("a", 1);
        unpin("a");
        deployer.look();
        assertThat(find("a")).isEmpty();
        assertThat(deployer.deployments()).isEmpty();
    }

    @Test
    void aJarThatIsBackAgainIsWhatRunsAnyway() throws Exception {
        drop("a.jar", jar("a", version(1)));
        pin("a");
        Object instance = tiny.instance(bundle("a"));
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        drop("a.jar", jar("a", version(1)));
        assertThat(deployment("a.jar").status()).isEqualTo(Status.DONE);
        assertThat(tiny.instance(bundle("a"))).isSameAs(instance);
    }

    @Test
    void whatIsNoBundleIsSaidAndDisturbsNobody() throws Exception {
        drop("a.jar", jar("a", version(1)));
        Object instance = tiny.instance(bundle("a"));
        Path text = Files.writeString(workshop.resolve("text"), "no jar");
        Files.setLastModifiedTime(text, FileTime.fromMillis(0));
        drop("broken.jar", text);
        is("broken.jar", Change.INSTALL, Status.FAILED, "not a bundle: ");
        Path nameless = new TinyJar("nameless", "Bundle-SymbolicName: ../../etc").write(workshop);
        Files.setLastModifiedTime(nameless, FileTime.fromMillis(0));
        drop("nameless.jar", nameless);
        is("nameless.jar", Change.INSTALL, Status.FAILED, "its Bundle-SymbolicName is no name");
        Files.createDirectory(folder.resolve("directory.jar"));
        Files.createSymbolicLink(folder.resolve("link.jar"), folder.resolve("nowhere"));
        deployer.look();
        assertThat(deployer.deployments())
                .extracting(Deployment::file)
                .containsExactly("a.jar", "broken.jar", "nameless.jar");
        assertThat(tiny.instance(bundle("a"))).isSameAs(instance);
        Files.delete(folder.resolve("broken.jar"));
        deployer.look();
        assertThat(deployer.deployments()).extracting(Deployment::file).containsExactly("a.jar", "nameless.jar");
    }

    @Test
    void aJarThatIsStillBeingWrittenIsWaitedFor() throws Exception {
        byte[] whole = Files.readAllBytes(jar("a", version(1)));
        Files.write(folder.resolve("a.jar"), Arrays.copyOf(whole, whole.length / 2));
        deployer.look();
        is("a.jar", Change.INSTALL, Status.PENDING, "not a bundle: ");
        Files.write(folder.resolve("a.jar"), whole);
        deployer.look();
        runs("a", 1);
    }

    @Test
    void aPackageThatIsMissingIsNamedAndWaitedFor() throws Exception {
        drop("client.jar", jar("client", "Import-Package: tiny.api,org.osgi.framework"));
        is("client.jar", Change.INSTALL, Status.FAILED, "tiny.api");
        assertThat(find("client")).isEmpty();
        deployer.look();
        drop("api.jar", jar("api", "Export-Package: tiny.api"));
        deployer.look();
        runs("client", 0);
        assertThat(deployer.deployments()).extracting(Deployment::status).containsOnly(Status.DONE);
    }

    @Test
    void theEarlierVersionRunsOnIfTheNewOneDoesNotStart() throws Exception {
        drop("a.jar", jar("a", version(1)));
        drop("a.jar", jar("a", version(2), "Import-Package: tiny.nowhere"));
        is("a.jar", Change.UPDATE, Status.FAILED, "tiny.nowhere", "version 1.0.0 runs on");
        runs("a", 1);
        Object instance = tiny.instance(bundle("a"));
        deployer.look();
        deployer.look();
        assertThat(tiny.instance(bundle("a")))
                .as("it is not tried again and again")
                .isNotNull()
                .isSameAs(instance);
        drop("a.jar", jar("a", version(3)));
        runs("a", 3);
    }

    @Test
    void twoFilesOfOneNameAreOneBundle() throws Exception {
        drop("a.jar", jar("a", version(1)));
        drop("b.jar", jar("a", version(2)));
        is("b.jar", Change.INSTALL, Status.FAILED, "its bundle is a [", "of a.jar already");
        runs("a", 1);
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        deployer.look();
        runs("a", 2);
    }

    @Test
    void aFileThatBecomesAnotherBundleReplacesIt() throws Exception {
        drop("a.jar", jar("a", version(1)));
        drop("a.jar", jar("b", version(1)));
        assertThat(find("a")).isEmpty();
        runs("b", 1);
    }

    @Test
    void aBundleFromElsewhereGivesItsPlaceUpAndGetsItBack() throws Exception {
        Path elsewhere = jar("a", version(1));
        Bundle a = tiny.framework.getBundleContext().installBundle("reference:" + elsewhere.toUri());
        a.start();
        Files.createDirectories(directory.resolve("workshop2"));
        workshop = directory.resolve("workshop2");
        drop("a.jar", jar("a", version(2)));
        runs("a", 2);
        assertThat(bundle("a")).isSameAs(a);
        Files.delete(folder.resolve("a.jar"));
        deployer.look();
        runs("a", 1);
        drop("a.jar", jar("a", version(3), "Import-Package: tiny.nowhere"));
        is("a.jar", Change.INSTALL, Status.FAILED, "tiny.nowhere", "version 1.0.0 runs on");
        runs("a", 1);
    }

    @Test
    void aBundleThatCouldNotGetItsPlaceBackKeepsIt() throws Exception {
        try (InputStream nested = Files.newInputStream(jar("a", version(1)))) {
            tiny.framework
                    .getBundleContext()
                    .installBundle("luo:bundles/a.jar", nested)
                    .start();
        }
        drop("a.jar", jar("a", version(2)));
        is("a.jar", Change.INSTALL, Status.FAILED, "a [", "could not go back");
        runs("a", 1);
    }

    @Test
    void whatSomebodyUninstallsIsNotInstalledBehindHisBack() throws Exception {
        drop("a.jar", jar("a", version(1)));
        bundle("a").uninstall();
        deployer.look();
        is("a.jar", Change.INSTALL, Status.FAILED, "uninstalled by hand");
        deployer.look();
        assertThat(find("a")).isEmpty();
        Files.setLastModifiedTime(folder.resolve("a.jar"), FileTime.fromMillis(1));
        deployer.look();
        runs("a", 1);
    }

    @Test
    void whatIsThereAtTheStartRuns() throws Exception {
        Path elsewhere = jar("a", version(1));
        Bundle a = tiny.framework.getBundleContext().installBundle("reference:" + elsewhere.toUri());
        workshop = Files.createDirectory(directory.resolve("workshop2"));
        Files.move(jar("a", version(2)), folder.resolve("a.jar"));
        Files.move(jar("client", "Import-Package: tiny.api,org.osgi.framework"), folder.resolve("b.jar"));
        Files.move(jar("api", "Export-Package: tiny.api"), folder.resolve("c.jar"));
        Files.move(jar("bad", "Import-Package: tiny.nowhere"), folder.resolve("d.jar"));
        Deployer another = new Deployer(tiny.framework.getBundleContext(), folder, directory.resolve("copies2"));
        another.install();
        assertThat(another.bundles()).contains(a).hasSize(4);
        another.start();
        deployer = another;
        runs("a", 2);
        runs("client", 0);
        runs("api", 0);
        is("d.jar", Change.INSTALL, Status.FAILED, "tiny.nowhere");
        assertThat(find("bad")).isEmpty();
    }

    @Test
    void aJarIsPutThereIfItsBundleRuns() throws Exception {
        long id = deployer.deploy(jar("a", version(1)));
        assertThat(id).isEqualTo(bundle("a").getBundleId());
        assertThat(folder.resolve("a.jar")).exists();
        assertThat(deployer.deploy(jar("a", version(2)))).isEqualTo(id);
        runs("a", 2);
        deployer.look();
        is("a.jar", Change.UPDATE, Status.DONE);
        pin("a");
        byte[] before = Files.readAllBytes(folder.resolve("a.jar"));
        Path next = jar("a", version(3));
        assertThat(catchThrowableOfType(BundleException.class, () -> deployer.deploy(next))
                        .getType())
                .isEqualTo(BundleException.REJECTED_BY_HOOK);
        assertThatThrownBy(() -> deployer.remove(id)).hasMessageContaining(HOLDER);
        assertThatThrownBy(() -> deployer.deploy(jar("bad", "Import-Package: tiny.nowhere")))
                .isInstanceOf(BundleException.class);
        assertThatThrownBy(() -> deployer.deploy(directory.resolve("none.jar"))).isInstanceOf(BundleException.class);
        assertThat(folder.resolve("a.jar")).hasBinaryContent(before);
        deployer.look();
        is("a.jar", Change.UPDATE, Status.DONE);
        runs("a", 2);
        assertThat(find("bad")).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("a.jar"));
        }
        unpin("a");
        assertThat(deployer.remove(id)).isTrue();
        assertThat(folder).isEmptyDirectory();
        assertThat(deployer.remove(id)).isFalse();
    }

    @Test
    void aBundleThatCameAnotherWayIsKept() throws Exception {
        deployer.deploy(jar("a", version(1)));
        Bundle old = bundle("a");
        Path next = jar("a", version(2));
        Bundle beside = tiny.framework.getBundleContext().installBundle("beside", Files.newInputStream(next));
        beside.start();
        old.uninstall();
        deployer.keep(beside.getBundleId(), next);
        deployer.look();
        is("a.jar", Change.INSTALL, Status.DONE);
        assertThat(deployment("a.jar").bundle()).isEqualTo(beside.getBundleId());
        drop("a.jar", jar("a", version(3)));
        runs("a", 3);
        assertThat(bundle("a")).isSameAs(beside);
    }

    @Test
    void changesAreFollowed() throws Exception {
        deployer.follow(() -> true);
        Files.move(jar("a", version(1)), folder.resolve("a.jar"), StandardCopyOption.ATOMIC_MOVE);
        while (find("a").filter(bundle -> bundle.getState() == Bundle.ACTIVE).isEmpty()) {
            Thread.sleep(5);
        }
        Files.delete(folder.resolve("a.jar"));
        while (find("a").isPresent()) {
            Thread.sleep(5);
        }
    }

    @Test
    void aFolderWhereOthersMayWriteIsRefused() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThatThrownBy(this::deployer).isInstanceOf(IOException.class).hasMessageContaining("mode is 775");
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> new Deployer(tiny.framework.getBundleContext(), file, directory))
                .hasMessageContaining("not a directory");
    }
}
