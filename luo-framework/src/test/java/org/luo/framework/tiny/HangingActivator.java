// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.tiny;

import java.util.concurrent.CountDownLatch;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * Does not return from start, or from stop, until it is let go: latches are found among the system properties, since this
 * class is loaded anew in each bundle.
 */
public final class HangingActivator implements BundleActivator {
    @Override
    public void start(BundleContext context) throws Exception {
        await("start");
        if (System.getProperties().containsKey("tiny.fails")) {
            throw new IllegalStateException("made up");
        }
    }

    @Override
    public void stop(BundleContext context) throws Exception {
        await("stop");
    }

    private static void await(String what) throws InterruptedException {
        if (System.getProperties().get("tiny." + what) instanceof CountDownLatch latch) {
            latch.await();
        }
    }
}
