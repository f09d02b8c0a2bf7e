// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls into plug-ins: whatever they throw leaves the orchestrator whole, and {@link Progress} shows who is called.
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

    /** Takes back what a callback has done that nobody has waited for. */
    @FunctionalInterface
    interface TooLate<T> {
        void takeBack(T result) throws LuoException;
    }

    /** Runs a callback that may fail; anything but a LuoException becomes EIO, and so does a null. */
    static <T> T failing(Object who, String callback, Failing<T> call) throws LuoException {
        return failing(who, callback, call, result -> {});
    }

    /** As {@link #failing(Object, String, Failing)}. @param tooLate what is done if the thread has been given up */
    static <T> T failing(Object who, String callback, Failing<T> call, TooLate<T> tooLate) throws LuoException {
        Progress mine = Progress.mine();
        Object outer = mine.who();
        String outerCallback = mine.callback();
        if (!mine.enter(who, callback)) {
            throw givenUp(who, callback);
        }
        T result = null;
        Throwable thrown = null;
        try {
            result = call.call();
        } catch (Throwable e) {
            thrown = e;
        }
        mine.call().calm();
        if (!mine.leave(outer, outerCallback)) {
            takeBack(who, callback, result, tooLate, mine);
            throw givenUp(who, callback);
        }
        if (thrown == null && result != null) {
            return result;
        }
        throw mine.call().isOverdue() ? mine.call().refusal(thrown) : failure(who, callback, thrown);
    }

    private static LuoException failure(Object who, String callback, Throwable thrown) {
        return switch (thrown) {
            case LuoException e -> e;
            case null -> LuoException.of(Errno.EIO, callback + " of " + who + " returned null");
            default ->
                LuoException.of(
                        Errno.EIO, callback + " of " + who + " threw " + Names.printable(thrown.toString()), thrown);
        };
    }

    private static LuoException givenUp(Object who, String callback) {
        return LuoException.of(Errno.ETIMEDOUT, callback + " of " + who + " returned when nobody waited any more");
    }

    private static <T> void takeBack(Object who, String callback, T result, TooLate<T> tooLate, Progress mine) {
        LOG.warn("{} of {} has returned at last; what it has done is taken back", callback, who);
        try {
            if (result != null) {
                tooLate.takeBack(result);
            }
        } catch (Throwable e) {
            LOG.warn("undo of a late {} of {} failed", callback, who, e);
        } finally {
            mine.back();
        }
    }

    /** Runs a callback that must not fail; if it does all the same, goes on. Of no effect in a thread that is given up. */
    static void unfailing(Object who, String callback, Runnable call) {
        Progress mine = Progress.mine();
        Object outer = mine.who();
        String outerCallback = mine.callback();
        if (!mine.enter(who, callback)) {
            return;
        }
        try {
            call.run();
        } catch (Throwable e) {
            LOG.warn("{} of {} threw, though it must not; going on", callback, who, e);
        }
        mine.call().calm();
        if (!mine.leave(outer, outerCallback)) {
            mine.back();
            throw new IllegalStateException(callback + " of " + who + " returned when nobody waited any more");
        }
    }

    /** Runs what is no plug-in's callback, and calls such by itself: it may take its time. */
    static <T> T contained(Object who, String call, Failing<T> body) throws LuoException {
        T result = null;
        Throwable thrown = null;
        try {
            result = body.call();
        } catch (Throwable e) {
            thrown = e;
        }
        if (thrown == null && result != null) {
            return result;
        }
        throw failure(who, call, thrown);
    }
}
