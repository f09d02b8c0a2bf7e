// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may use what, checked on the jars of the distribution. */
class ArchitectureIT {
    private static final String[] API = {
        "org.luo", "org.luo.spi", "org.luo.handover", "org.luo.admin", "org.luo.pin", "org.luo.deploy"
    };
    private static final String[] LIBRARIES = {"java..", "org.osgi..", "org.slf4j.."};

    private static List<Path> bundles;
    private static JavaClasses ours;

    @BeforeAll
    static void readTheDistribution() throws IOException {
        Path home = Path.of(System.getProperty("luo.home"));
        bundles = jars(home.resolve("bundles"), home.resolve("workload"));
        List<JarFile> all = new ArrayList<>();
        for (Path jar :
                jars(home.resolve("bundles"), home.resolve("workload"), home.resolve("lib"), home.resolve("cli"))) {
            all.add(new JarFile(jar.toFile()));
        }
        ours = new ClassFileImporter()
                .importJars(all.stream()
                        .filter(jar ->
                                jar.stream().anyMatch(entry -> entry.getName().startsWith("org/luo/")))
                        .toList());
        for (JarFile jar : all) {
            jar.close();
        }
        assertThat(ours.stream()
                        .filter(type -> type.getPackageName().startsWith("org.luo"))
                        .count())
                .isGreaterThan(200);
    }

    private static List<Path> jars(Path... directories) throws IOException {
        List<Path> jars = new ArrayList<>();
        for (Path directory : directories) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(".jar")).forEach(jars::add);
            }
        }
        return jars;
    }

    private static void check(ArchRule rule) {
        rule.check(ours);
    }

    @Test
    void onlyLuoLinuxCallsC() {
        check(noClasses()
                .that()
                .resideInAPackage("org.luo..")
                .and()
                .resideOutsideOfPackage("org.luo.linux..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.FunctionDescriptor"));
    }

    /** Tests may too, and the contracts of plug-ins, which are in no distribution. */
    @Test
    void nobodyButTheBenchmarksUsesTheCore() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("org.luo.core..", "org.luo.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.luo.core.."));
    }

    @Test
    void theApiStandsAlone() {
        check(classes()
                .that()
                .resideInAnyPackage(API)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(with(API, "java..", "org.osgi..")));
    }

    @Test
    void whatTheFrameworkExportsStandsAlone() {
        check(classes()
                .that()
                .resideInAnyPackage("org.luo.pin", "org.luo.deploy")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.osgi..", "org.luo.pin", "org.luo.deploy"));
    }

    @Test
    void theCoreKnowsTheApiOnly() {
        check(onlyApiAnd("org.luo.core..", "org.luo.core..", "javax.management"));
    }

    @Test
    void handlersKnowTheApiAndLinuxOnly() {
        check(onlyApiAnd("org.luo.handler..", "org.luo.handler..", "org.luo.linux"));
        check(onlyApiAnd("org.luo.flb..", "org.luo.flb..", "org.luo.linux"));
    }

    @Test
    void handoversKnowTheApiAndLinuxOnly() {
        check(onlyApiAnd("org.luo.handover.process..", "org.luo.handover.process..", "org.luo.linux"));
        check(onlyApiAnd("org.luo.handover.kernel..", "org.luo.handover.kernel..", "org.luo.linux"));
        check(onlyApiAnd("org.luo.systemd..", "org.luo.systemd..", "org.luo.linux"));
    }

    @Test
    void theCommandLineKnowsTheProtocolOnly() {
        check(noClasses()
                .that()
                .resideInAPackage("org.luo.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(with(API, "org.luo.core..", "org.luo.linux..", "org.luo.daemon..")));
    }

    @Test
    void noInternalPackageIsExported() throws IOException {
        for (Path bundle : bundles) {
            try (JarFile jar = new JarFile(bundle.toFile())) {
                String name = jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName");
                String exports = jar.getManifest().getMainAttributes().getValue("Export-Package");
                assertThat(name).as("symbolic name of %s", bundle).isNotNull();
                if (name.startsWith("org.luo.") && exports != null) {
                    assertThat(exports).as("exports of %s", name).doesNotContain("internal");
                }
            }
        }
    }

    private static ArchRule onlyApiAnd(String of, String... more) {
        return classes()
                .that()
                .resideInAPackage(of)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(with(with(API, LIBRARIES), more));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
