// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleException;

/**
 * A change to a bundle, in a thread of its own: it calls the bundle's activator, and components that wait for it, which
 * may not come back.
 */
final class Step {
    /** It has not returned in time, and goes on by itself. */
    static final class Hangs extends BundleException {
        private static final long serialVersionUID = 1L;

        /** To be tried, or looked at, again. */
        Hangs(Step step) {
            super(step.toString(), REJECTED_BY_HOOK);
        }
    }

    /** What is done. */
    @FunctionalInterface
    interface Body {
        void run() throws BundleException;
    }

    private final String what;
    private final FutureTask<Boolean> task;
    private final Thread thread;
    private final long began = System.nanoTime();

    /** @param what such as {@code start of acme.jar} */
    private Step(String what, Body body) {
        this.what = what;
        this.task = new FutureTask<>(() -> {
            body.run();
            return true;
        });
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("luo-deploy-" + what.replace(' ', '-'))
                .unstarted(task);
    }

    static Step begin(String what, Body body) {
        Step step = new Step(what, body);
        step.thread.start();
        return step;
    }

    /** Whether it has ended, within this time. */
    boolean await(long millis) {
        try {
            task.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return task.isDone();
        }
    }

    /** It has ended. @throws BundleException if it failed */
    void result() throws BundleException {
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BundleException refused) {
                throw refused;
            }
            throw new BundleException(what + " failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BundleException(what + " was interrupted", e);
        }
    }

    /** {@code start of acme.jar has not returned for 12 s, in …}: where it hangs. */
    @Override
    public String toString() {
        StackTraceElement[] stack = thread.getStackTrace();
        String where = stack.length == 0 ? "" : ", in " + place(stack);
        return what + " has not returned for " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) + " s"
                + where;
    }

    /** The innermost method that is neither the JDK's nor the framework's: whose fault it is. */
    private static String place(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String name = frame.getClassName();
            if (frame.getModuleName() == null
                    && !name.startsWith("org.apache.felix.")
                    && !name.startsWith("org.luo.framework.deploy.")) {
                return name + "." + frame.getMethodName();
            }
        }
        return stack[0].getClassName() + "." + stack[0].getMethodName();
    }
}
