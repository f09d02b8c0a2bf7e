// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A client that calls again and again, on a thread of its own, until it is told to end or a call fails. */
final class Caller implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final FutureTask<Integer> calls = new FutureTask<>(this::run);
    private final Call call;
    private volatile boolean ended;

    /** One call, the how many-th. */
    @FunctionalInterface
    interface Call {
        void run(int number) throws Exception;
    }

    private Caller(Call call) {
        this.call = call;
    }

    static Caller start(Call call) {
        Caller caller = new Caller(call);
        Thread.ofPlatform().daemon().start(caller.calls);
        return caller;
    }

    private int run() throws Exception {
        int number = 0;
        while (!ended) {
            call.run(number++);
        }
        return number;
    }

    /**
     * Has it make its last call.
     *
     * @return how many it has made
     * @throws java.util.concurrent.ExecutionException with the failure of a call; it made none after that
     */
    int end() throws Exception {
        ended = true;
        return calls.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        ended = true;
    }
}
