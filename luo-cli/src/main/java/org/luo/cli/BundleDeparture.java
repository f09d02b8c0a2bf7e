// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Option;

/** A change after which a bundle, or its content, is no longer there: what needs it can be waited for. */
abstract class BundleDeparture extends BundleChange {
    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "TIME",
            fallbackValue = Patience.DEFAULT,
            converter = Patience.class,
            preprocessor = Patience.class,
            description = "until its last file is gone, 10m if TIME (90s, 5m, 2h) is not given; it gets no new ones"
                    + " meanwhile")
    private Duration wait;

    /** The name or id of the bundle. */
    abstract String bundle(AdminClient client) throws IOException, AdminException;

    boolean isWaiting() {
        return wait != null;
    }

    @Override
    void validate() {
        if (isWaiting() && isDryRun()) {
            throw misused("--dry-run does not wait; leave --wait out");
        }
    }

    /** What it waits for is said by itself. */
    @Override
    boolean isSilent() {
        return isWaiting();
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        if (!isWaiting()) {
            return super.ask(client);
        }
        try (BundleWait waiting = new BundleWait(client, bundle(client), wait, isJson() ? null : err())) {
            waiting.await();
            return super.ask(client);
        }
    }
}
