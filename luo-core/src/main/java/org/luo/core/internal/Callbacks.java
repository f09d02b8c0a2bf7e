// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls into plug-ins: whatever they throw leaves the orchestrator whole.
 *
 * <p>Errors are caught too: a plug-in whose class no longer loads must not leave a file half preserved.
 */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private Callbacks() {}

    /** A callback that may fail. */
    @FunctionalInterface
    interface Failing<T> {
        T call() throws LuoException;
    }

    /** Runs a callback that may fail; anything but a LuoException becomes EIO, and so does a null. */
    static <T> T failing(Object who, String callback, Failing<T> call) throws LuoException {
        T result;
        try {
            result = call.call();
        } catch (LuoException e) {
            throw e;
        } catch (Throwable e) {
            throw LuoException.of(Errno.EIO, callback + " of " + who + " threw " + Names.printable(e.toString()), e);
        }
        if (result == null) {
            throw LuoException.of(Errno.EIO, callback + " of " + who + " returned null");
        }
        return result;
    }

    /** Runs a callback that must not fail; if it does all the same, goes on. */
    static void unfailing(Object who, String callback, Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            LOG.warn("{} of {} threw, though it must not; going on", callback, who, e);
        }
    }
}
