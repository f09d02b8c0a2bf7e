// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class SettingsTest {
    private static final int ROOT = 0;
    private static final int USER = 1000;

    private final Properties system = new Properties();

    private Settings settings(int user) throws CannotStart {
        return Settings.of(system, user, "/run/user/" + user);
    }

    @Test
    void rootHasItsRunDirectoryInRunAndOthersInTheirs() throws Exception {
        system.setProperty("luo.home", "/opt/luo");
        assertThat(settings(ROOT).runDirectory()).isEqualTo(Path.of("/run/luo"));
        assertThat(settings(USER).runDirectory()).isEqualTo(Path.of("/run/user/1000/luo"));
        assertThat(settings(USER).properties()).containsEntry("luo.dir", "/run/user/1000/luo");
        assertThatThrownBy(() -> Settings.of(system, USER, null))
                .hasMessage("no run directory: give one with -Dluo.dir=, or set XDG_RUNTIME_DIR");
    }

    @Test
    void bundlesAreThoseOfTheDistributionIfNothingElseIsSaid() throws Exception {
        assertThatThrownBy(() -> settings(ROOT)).isInstanceOf(CannotStart.class).hasMessageStartingWith("no bundles");
        system.setProperty("luo.home", "/opt/luo");
        assertThat(settings(ROOT).bundles()).containsExactly(Path.of("/opt/luo/bundles"));
        system.setProperty("luo.bundles", "/a::/b");
        assertThat(settings(ROOT).bundles()).containsExactly(Path.of("/a"), Path.of("/b"));
    }

    @Test
    void whatConcernsTheFrameworkIsPassedOn() throws Exception {
        system.setProperty("luo.bundles", "/a");
        system.setProperty("luo.standby", "true");
        system.setProperty("luo.vendor.option", "x");
        system.setProperty("felix.log.level", "4");
        system.setProperty("org.osgi.framework.system.packages.extra", "com.vendor");
        system.setProperty("user.home", "/root");
        Settings settings = settings(ROOT);
        assertThat(settings.standby()).isTrue();
        assertThat(settings.lenient()).isFalse();
        assertThat(settings.properties())
                .containsEntry("luo.standby", "true")
                .containsEntry("luo.vendor.option", "x")
                .containsEntry("felix.log.level", "4")
                .doesNotContainKey("user.home");
        assertThat(settings.properties().get("org.osgi.framework.system.packages.extra"))
                .startsWith("com.vendor," + PinningFrameworkFactory.EXPORT + ",org.slf4j;version=2.0.");
        assertThat(settings.deploy()).isEqualTo(Path.of("/run/luo/deploy"));
    }

    @Test
    void configurationFilesAreLookedForBesideTheBundles() throws Exception {
        system.setProperty("luo.bundles", "/a:/b");
        system.setProperty("luo.deploy", "/d");
        assertThat(settings(ROOT).properties())
                .containsEntry("felix.fileinstall.dir", "/a,/b,/d")
                .containsEntry("felix.fileinstall.enableConfigSave", "false");
        assertThat("com.acme.Gpu.cfg").matches(settings(ROOT).properties().get("felix.fileinstall.filter"));
        assertThat("com.acme.gpu.jar").doesNotMatch(settings(ROOT).properties().get("felix.fileinstall.filter"));
        system.setProperty("felix.fileinstall.dir", "/etc/acme");
        assertThat(settings(ROOT).properties()).containsEntry("felix.fileinstall.dir", "/etc/acme");
    }

    /** Else the core would be wired to the class in luo-api, and not see the framework's pins. */
    @Test
    void whatTheFrameworkExportsIsInTheVersionThatLuoApiHas() throws Exception {
        for (String export : PinningFrameworkFactory.EXPORT.split(",")) {
            String[] parts = export.split(";version=");
            String source = Files.readString(
                    Path.of("../luo-api/src/main/java", parts[0].replace('.', '/'), "package-info.java"));
            assertThat(source).contains("@Version(\"" + parts[1] + "\")");
        }
    }
}
