// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import org.apache.felix.framework.Logger;
import org.osgi.framework.BundleException;
import org.slf4j.LoggerFactory;

/** Felix's messages, which would go to the standard output, in the log. */
final class FelixLog extends Logger {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("luo.framework");

    /** @param cause left out if it is a refusal, whose message says everything */
    @Override
    protected void doLog(int level, String message, Throwable cause) {
        Throwable shown = cause instanceof BundleException ? null : cause;
        switch (level) {
            case LOG_ERROR -> LOG.error(message, shown);
            case LOG_WARNING -> LOG.warn(message, shown);
            case LOG_INFO -> LOG.info(message, shown);
            default -> LOG.debug(message, shown);
        }
    }
}
