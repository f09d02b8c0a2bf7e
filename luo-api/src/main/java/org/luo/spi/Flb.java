// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import java.util.List;
import org.luo.Compatible;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A file-lifecycle-bound object: state that many files share, carried over with the first of them and let go with the
 * last, across sessions. Registered as an OSGi service; a file handler names those its files need.
 *
 * <pre>
 * outgoing:  preserve (first file) ─ … ─ unpreserve (last file)
 * incoming:  retrieve (first use, or at the latest before finish) ─ … ─ finish (last file)
 * </pre>
 *
 * <p>Context: the callbacks of one FLB never overlap; no other lock of the orchestrator is held beyond that of the
 * session whose file is handled. Unchecked exceptions, callbacks that hang, and calls from a callback count as with {@link
 * FileHandler}; a reference to this very FLB is refused with EDEADLK.
 *
 * @param <T> the object that users of the FLB see, through {@link FlbReferences}
 * @see <a href="https://docs.kernel.org/core-api/liveupdate.html">struct liveupdate_flb_ops</a>
 */
@ConsumerType
public interface Flb<T> {
    /**
     * What {@code preserve} returns.
     *
     * @param object the live object, not null
     * @param state what goes over
     * @param <T> the object's type
     */
    record Preserved<T>(T object, PluginState state) {}

    /** The format of its state; unique among the FLBs. Constant. */
    Compatible compatible();

    /** Older formats that {@link #retrieve} understands as well. Constant. */
    default List<Compatible> reads() {
        return List.of();
    }

    /**
     * Makes the outgoing object, since a first file needs it.
     *
     * <p>Undo: {@link #unpreserve}.
     *
     * @throws LuoException if it can't: that file is not preserved
     */
    Preserved<T> preserve() throws LuoException;

    /** Lets the outgoing object go, since the last file has gone. */
    void unpreserve(T object, PluginState state);

    /**
     * Brings the object back. At most once; a failure is remembered.
     *
     * @throws LuoException if it can't be brought back
     */
    T retrieve(Compatible compatible, PluginState state) throws LuoException;

    /** Ends the incoming object's life, since the last file is finished. Called once, after {@code retrieve}. */
    void finish(T object);
}
