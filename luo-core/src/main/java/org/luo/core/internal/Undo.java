// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has to be taken back, latest first, unless everything goes well; a step that fails does not stop the others. */
final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Another step has been done; this takes it back and must not throw. */
    void add(Runnable takeBack) {
        steps.push(takeBack);
    }

    /** Everything went well. */
    void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Callbacks.unfailing("the core", "undo", steps.pop());
        }
    }
}
