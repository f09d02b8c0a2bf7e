// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code luo bundle update}. */
@Command(
        name = "update",
        description = {
            "replaces a bundle by another version of it; if that does not start, the earlier one runs on",
            "Refused while files need it. Two ways on: --wait for them to go, or have the new version --adopt them:"
                    + " it takes every file over as in a live update, all or none."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo bundle update acme-gpu-1.1.jar --dry-run   what would happen",
            "  luo bundle update acme-gpu-1.1.jar             if nothing needs it",
            "  luo bundle update acme-gpu-1.1.jar --adopt     the files move to it",
            "  luo bundle update acme-gpu-1.1.jar --wait=5m   when the last file is gone",
            "  luo bundle update com.acme.gpu                 from where it came from"
        })
final class BundleUpdateCommand extends BundleDeparture {
    @Parameters(paramLabel = "FILE|NAME", description = "the new version's jar, or the bundle's name or id")
    private String bundle;

    @Option(names = "--adopt", description = "the new version takes over the files of the earlier one")
    private boolean adopt;

    private boolean isFile() {
        return bundle.endsWith(".jar") || bundle.contains("/");
    }

    @Override
    void validate() {
        super.validate();
        if (adopt && isWaiting()) {
            throw misused("either --adopt or --wait");
        }
        if (adopt && !isFile()) {
            throw misused("--adopt needs the new version's FILE");
        }
    }

    @Override
    String operation() {
        return "update";
    }

    @Override
    Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        if (isFile()) {
            arguments.put("file", Path.of(bundle).toAbsolutePath().toString());
        } else {
            arguments.put("bundle", bundle);
        }
        if (adopt) {
            arguments.put("adopt", true);
        }
        return arguments;
    }

    /** The platform reads the jar, and says whose it is. */
    @Override
    String bundle(AdminClient client) throws IOException, AdminException {
        if (!isFile()) {
            return bundle;
        }
        Map<String, Object> arguments = new LinkedHashMap<>(arguments());
        arguments.put("dry_run", true);
        return Json.text(client.call("bundle.update", arguments), "name");
    }

    @Override
    String wayOn() {
        if (adopt || isWaiting()) {
            return "";
        }
        String wait = "wait for them: luo bundle update " + bundle + " --wait";
        return isFile()
                ? wait + "; or have the new version take them over: luo bundle update " + bundle + " --adopt"
                : wait;
    }

    @Override
    String done(Map<String, Object> answer) {
        String was = shown(answer) + ": updated from " + Json.text(answer, "was");
        return adopt ? was + ", " + Amount.of(Json.number(answer, "files"), "file") + " adopted" : was;
    }
}
