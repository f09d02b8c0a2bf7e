// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo bundle install}. */
@Command(
        name = "install",
        description = {
            "installs a bundle and starts it; if it does not start, nothing is left of it",
            "The jar is copied to the deploy folder, where a successor finds it too."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo bundle install acme-gpu-1.0.jar", "  luo bundle install acme-gpu-1.0.jar --dry-run"})
final class BundleInstallCommand extends BundleChange {
    @Parameters(paramLabel = "FILE", description = "the bundle's jar")
    private Path file;

    @Override
    String operation() {
        return "install";
    }

    @Override
    Map<String, Object> arguments() {
        return Map.of("file", file.toAbsolutePath().toString());
    }

    @Override
    String done(Map<String, Object> answer) {
        return shown(answer) + ": installed";
    }
}
