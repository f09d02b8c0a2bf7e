// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.api;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.service.diff.Tree;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.luo.itests.vendor.Module;

/**
 * The packages that vendors can compile against, all that any bundle exports, are as they were recorded, or their
 * versions say that they are not.
 *
 * <p>{@code mvn -B -DskipUnitTests -Dit.test=ApiIT -Dapi.record=new verify} records those that are not recorded yet;
 * {@code -Dapi.record=all} records all of them anew.
 */
class ApiIT {
    private static final Path RECORD = Path.of("src", "test", "api");
    private static final String SPI = "org.luo.spi";

    private static Map<String, Tree> exported() throws Exception {
        Map<String, Tree> packages = new TreeMap<>();
        for (Module module : Module.built()) {
            packages.putAll(ApiRecord.exportedBy(module.jar()));
        }
        return packages;
    }

    @Test
    void theVersionsSayWhatHasChanged() throws Exception {
        switch (System.getProperty("api.record", "")) {
            case "new" -> ApiRecord.writeNew(RECORD, exported());
            case "all" -> ApiRecord.writeAll(RECORD, exported());
            default -> {}
        }
        assertThat(ApiVersion.problems(ApiRecord.readAll(RECORD), exported()))
                .as("the packages recorded in itests/" + RECORD)
                .isEmpty();
    }

    @Test
    void aRecordIsReadAsItWasWritten() throws Exception {
        Map<String, Tree> exported = exported();
        assertThat(exported).hasSizeGreaterThan(6);
        for (Tree tree : exported.values()) {
            assertThat(ApiRecord.lines(ApiRecord.parse(ApiRecord.lines(tree)))).isEqualTo(ApiRecord.lines(tree));
        }
    }

    @Test
    void whatIsGoneNeedsAHigherVersion() throws Exception {
        assertThat(problems(line -> line.replace("canPreserve(int)", "mayPreserve(int)")))
                .singleElement()
                .asString()
                .contains("org.luo.spi.FileHandler: mayPreserve(int) removed", "raise the version to 0.2.0");
    }

    @Test
    void whatVendorsWouldHaveToImplementNeedsAHigherVersion() throws Exception {
        assertThat(without("METHOD .* canPreserve\\(int\\)"))
                .singleElement()
                .asString()
                .contains("org.luo.spi.FileHandler: canPreserve(int) added", "raise the version to 0.2.0");
    }

    @Test
    void whatOnlyWeImplementMayGrow() throws Exception {
        assertThat(without("METHOD .* outgoing\\(org\\.luo\\.spi\\.Flb\\)")).isEmpty();
    }

    @Test
    void fromOneDotZeroOnGrowingNeedsAHigherVersionToo() throws Exception {
        Tree now = change(line -> line.replace("VERSION IGNORED IGNORED 0.1.0", "VERSION IGNORED IGNORED 1.4.0"));
        Tree then = ApiRecord.parse(ApiRecord.lines(now).stream()
                .map(line -> line.replace("outgoing(org.luo.spi.Flb)", "outgoing(org.luo.spi.FlbReferences)"))
                .toList());
        assertThat(ApiVersion.problems(Map.of(SPI, then), Map.of(SPI, now)))
                .singleElement()
                .asString()
                .contains("raise the version to 2.0.0");
        Tree smaller = lacking(now, "METHOD .* outgoing\\(org\\.luo\\.spi\\.Flb\\)");
        assertThat(ApiVersion.problems(Map.of(SPI, smaller), Map.of(SPI, now)))
                .singleElement()
                .asString()
                .contains("outgoing(org.luo.spi.Flb) added", "raise the version to 1.5.0");
    }

    @Test
    void aVersionHighEnoughAllowsIt() throws Exception {
        assertThat(problems(line -> line.replace("canPreserve(int)", "mayPreserve(int)")
                        .replace("VERSION IGNORED IGNORED 0.1.0", "VERSION IGNORED IGNORED 0.0.9")))
                .isEmpty();
    }

    @Test
    void aPackageThatComesIsToBeRecordedAndNoneMustGo() throws Exception {
        Tree spi = exported().get(SPI);
        assertThat(ApiVersion.problems(Map.of(), Map.of(SPI, spi)))
                .singleElement()
                .asString()
                .contains("org.luo.spi is exported and not recorded", "-Dapi.record=new");
        assertThat(ApiVersion.problems(Map.of(SPI, spi), Map.of()))
                .singleElement()
                .asString()
                .contains("is gone");
    }

    /** What would be said if the record differed so. */
    private static List<String> problems(UnaryOperator<String> edit) throws Exception {
        return ApiVersion.problems(
                Map.of(SPI, change(edit)), Map.of(SPI, exported().get(SPI)));
    }

    private static Tree change(UnaryOperator<String> edit) throws Exception {
        List<String> lines = ApiRecord.lines(exported().get(SPI));
        List<String> changed = lines.stream().map(edit).toList();
        assertThat(changed).isNotEqualTo(lines);
        return ApiRecord.parse(changed);
    }

    private static List<String> without(String node) throws Exception {
        Tree now = exported().get(SPI);
        return ApiVersion.problems(Map.of(SPI, lacking(now, node)), Map.of(SPI, now));
    }

    /** A tree without a node and what is under it. */
    private static Tree lacking(Tree tree, String node) throws Exception {
        StringBuilder text = new StringBuilder();
        int skipped = Integer.MAX_VALUE;
        boolean found = false;
        for (String line : ApiRecord.lines(tree)) {
            int depth = line.length() - line.stripLeading().length();
            if (depth <= skipped) {
                skipped = line.strip().matches(node) ? depth : Integer.MAX_VALUE;
            }
            found |= skipped != Integer.MAX_VALUE;
            text.append(skipped == Integer.MAX_VALUE ? line + "\n" : "");
        }
        assertThat(found).as(node).isTrue();
        return ApiRecord.parse(text.toString().lines().toList());
    }
}
