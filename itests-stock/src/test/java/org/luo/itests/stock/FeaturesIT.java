// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What describes the distribution to others has exactly what the distribution has. */
class FeaturesIT {
    private static final Pattern URL = Pattern.compile("mvn:([^/<]+)/([^/<]+)/([^/<]+)<");

    /** File Install would look at whatever directory is the present one; our launcher tells it where to look. */
    @Test
    void theOsgiFeatureHasTheBundlesOfTheDistribution() throws Exception {
        OsgiFeature feature = OsgiFeature.read();
        assertThat(feature.files())
                .as("features/osgi.json against features/assembly.xml")
                .containsExactlyInAnyOrderElementsOf(jars("bundles").stream()
                        .filter(jar -> !jar.startsWith("org.apache.felix.fileinstall"))
                        .toList());
        assertThat(feature.json().get("feature-resource-version").getAsString()).isEqualTo("1.0");
        assertThat(feature.json().get("id").getAsString()).matches("org\\.luo:features:json:osgifeature:[\\w.-]+");
        assertThat(feature.bundles()).allMatch(id -> id.matches("[\\w.-]+:[\\w.-]+:\\d[\\w.-]*"));
    }

    /** Karaf has its own shell and its own configuration. */
    @Test
    void theKarafFeaturesHaveTheBundlesOfTheDistributionAndTheSample() throws Exception {
        List<String> expected = Stream.concat(jars("bundles").stream(), jars("workload").stream())
                .filter(jar -> !jar.matches("org\\.apache\\.felix\\.(gogo|configadmin|fileinstall).*"))
                .toList();
        assertThat(karaf("$2-$3.jar"))
                .as("features/karaf.xml against features/assembly.xml")
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void theRepositoryHasWhatTheKarafFeaturesNameAndNothingElse() throws Exception {
        try (ZipFile zip = new ZipFile(Packages.file(".zip").toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".jar")))
                    .as("features/repository.xml against features/karaf.xml")
                    .containsExactlyInAnyOrderElementsOf(karaf("$1/$2/$3/$2-$3.jar"));
            assertThat(zip.stream().map(ZipEntry::getName))
                    .filteredOn(name -> name.endsWith("-features.xml"))
                    .singleElement()
                    .asString()
                    .startsWith("org/luo/features/");
        }
    }

    /** The path or name of each bundle, by group, artifact and version. */
    private static List<String> karaf(String form) throws IOException {
        return URL.matcher(Files.readString(Run.HOME.resolve("features/karaf.xml")))
                .results()
                .map(url -> form.replace("$1", url.group(1).replace('.', '/'))
                        .replace("$2", url.group(2))
                        .replace("$3", url.group(3)))
                .distinct()
                .toList();
    }

    private static List<String> jars(String directory) throws IOException {
        try (Stream<Path> files = Files.list(Run.HOME.resolve(directory))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
