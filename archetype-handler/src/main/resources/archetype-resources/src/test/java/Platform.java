package ${package};

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/** The orchestrator and this bundle in the framework with pins: the bundles are the jars of the class path. */
final class Platform {
    private static final Pattern BUNDLES = Pattern.compile(
            "(luo-(api|linux|core)|org\\.apache\\.felix\\.(scr|configadmin)|org\\.osgi\\.(service\\.component|util\\..+))-\\d.*\\.jar");
    private static final List<String> SLF4J =
            List.of("org.slf4j", "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");

    private Platform() {}

    static Option[] bundles() {
        Stream<Path> jars = Stream.of(System.getProperty("java.class.path").split(":"))
                .map(Path::of)
                .filter(jar -> BUNDLES.matcher(jar.getFileName().toString()).matches());
        return options(
                // Pax Exam's own bundles ask for 1.7.
                systemPackages(Stream.of("1.7.36", "2.0.0")
                        .flatMap(version -> SLF4J.stream().map(name -> name + ";version=" + version))
                        .toArray(String[]::new)),
                composite(Stream.concat(jars, Stream.of(Path.of(System.getProperty("bundle"))))
                        .map(jar -> bundle("reference:" + jar.toUri()))
                        .toArray(Option[]::new)),
                junitBundles());
    }
}
