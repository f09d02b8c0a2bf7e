// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.testkit.RunDirectory;

/** A real Karaf, without a network, installs the features and keeps a memfd. */
class KarafIT {
    private static final String FEATURES = "luo, luo-workload, luo-handover-process, luo-handover-kernel, luo-systemd";

    @TempDir
    Path temporary;

    private Path karaf;

    @BeforeEach
    void unpack() throws Exception {
        Run.Result unpacked = Run.run(List.of(
                "tar", "-xzf", Frameworks.file("apache-karaf-minimal-").toString(), "-C", temporary.toString()));
        assertThat(unpacked.status()).as(unpacked.output()).isZero();
        try (Stream<Path> directories = Files.list(temporary)) {
            karaf = directories.findFirst().orElseThrow();
        }
    }

    @Test
    void theFeaturesAreValid() throws Exception {
        try (Stream<Path> tree = Files.walk(karaf.resolve("system/org/apache/karaf/features"));
                ZipFile core = new ZipFile(tree.filter(file -> file.toString().matches(".*features\\.core-.*\\.jar"))
                        .findFirst()
                        .orElseThrow()
                        .toFile());
                InputStream schema =
                        core.getInputStream(core.getEntry("org/apache/karaf/features/karaf-features-1.6.0.xsd"))) {
            SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                    .newSchema(new StreamSource(schema))
                    .newValidator()
                    .validate(new StreamSource(
                            Run.HOME.resolve("features/karaf.xml").toFile()));
        }
    }

    @Test
    void theFeaturesAreInstalledAndAMemfdIsKept() throws Exception {
        configure(installRepository());
        try (RunDirectory dir = RunDirectory.create()) {
            Map<String, String> environment = Map.of(
                    "JAVA_HOME",
                    System.getProperty("java.home"),
                    "KARAF_EXEC",
                    "exec",
                    "JAVA_OPTS", // in place of Karaf's own, one of which Java 24 and later refuse
                    "--enable-native-access=ALL-UNNAMED -Dluo.dir=" + dir.path());
            Run run = Run.start(
                    dir, environment, List.of(karaf.resolve("bin/karaf").toString(), "server"));
            assertThat(run.luo("status", "--json").json().get("enforcement").getAsString())
                    .isEqualTo("advisory");
            run.luo("call", "workload.preserve", Run.PRESERVE).json();
            assertThat(run.luo("files").output()).contains("memfd-p1", "org.luo.handler.memfd");
            Run.Result refused = run.luo("call", "bundle.stop", "{\"bundle\":\"org.luo.handler.memfd\"}");
            assertThat(refused.output()).contains("refused: 3 files preserved: vm1/0x");
            assertThat(run.luo("prepare").status()).isZero();
            assertThat(run.luo("cancel").status()).isZero();
            assertThat(run.luo("stop", "--force").status()).isZero();
            assertThat(run.process().waitFor()).as(run::log).isZero();
        }
    }

    /** Into Karaf's own repository; the name of the features in it. */
    private String installRepository() throws IOException {
        String features = null;
        try (ZipFile zip = new ZipFile(Packages.file(".zip").toFile())) {
            for (ZipEntry entry :
                    zip.stream().filter(each -> !each.isDirectory()).toList()) {
                Path file = karaf.resolve("system").resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
                if (entry.getName().endsWith("-features.xml")) {
                    features = "mvn:org.luo/features/" + file.getParent().getFileName() + "/xml/features";
                }
            }
        }
        return features;
    }

    /** As an administrator would do by hand. */
    private void configure(String repository) throws IOException {
        Path file = karaf.resolve("etc/org.apache.karaf.features.cfg");
        String configuration = Files.readString(file)
                .replaceFirst("(?m)^featuresRepositories *= *", "$0" + repository + ", ")
                .replaceFirst("(?m)^featuresBoot *= *", "$0" + FEATURES + ", ");
        Files.writeString(file, configuration);
        Files.writeString(
                karaf.resolve("etc/custom.properties"),
                "\n" + Files.readString(Run.HOME.resolve("features/karaf-java25.properties")),
                StandardOpenOption.APPEND);
        Files.writeString(
                karaf.resolve("etc/org.ops4j.pax.url.mvn.cfg"),
                "\norg.ops4j.pax.url.mvn.repositories=\n",
                StandardOpenOption.APPEND);
    }
}
