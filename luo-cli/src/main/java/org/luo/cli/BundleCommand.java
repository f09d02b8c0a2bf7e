// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import picocli.CommandLine.Command;

/** {@code luo bundle}: the commands below it. */
@Command(
        name = "bundle",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "installs, updates, uninstalls, stops and starts bundles of the running platform",
            "Jars are copied to the deploy folder, so that a successor has them too. What a kept file needs does not"
                    + " go: the refusal names the files."
        },
        subcommands = {
            BundleInstallCommand.class,
            BundleUpdateCommand.class,
            BundleUninstallCommand.class,
            BundleStopCommand.class,
            BundleStartCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo bundle install acme-gpu-1.0.jar",
            "  luo bundle update acme-gpu-1.1.jar --dry-run   what would happen",
            "  luo bundle update acme-gpu-1.1.jar --adopt     while it holds files",
            "  luo bundle uninstall com.acme.gpu --wait=5m    when its last file is gone",
            "  luo bundles                                    what runs, and what waits"
        })
final class BundleCommand {}
