// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import org.luo.spi.FlbReferences.Reference;

/**
 * One use of an FLB's object. Putting it may run the FLB's last callback, so it passes the gate first, as the lock order
 * asks: it waits while sessions are frozen, unless a callback of the freeze puts it.
 *
 * @param <T> the object's type
 */
final class FlbReference<T> implements Reference<T> {
    private final Gate gate;
    private final Object object;
    private final Runnable put;
    private final AtomicBoolean closed = new AtomicBoolean();

    FlbReference(Gate gate, Object object, Runnable put) {
        this.gate = gate;
        this.object = object;
        this.put = put;
    }

    @Override
    @SuppressWarnings("unchecked")
    public T get() {
        return (T) object;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            gate.enterToPut();
            try {
                put.run();
            } finally {
                gate.leave();
            }
        }
    }
}
