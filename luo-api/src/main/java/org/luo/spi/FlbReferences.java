// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import org.luo.Errno;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Counted use of FLB objects. Published by the orchestrator as an OSGi service; may be used inside the callbacks of
 * file handlers, not inside those of the same FLB.
 */
@ProviderType
public interface FlbReferences {
    /**
     * One use of an FLB's object, which lives at least until this is closed. Closing twice does nothing.
     *
     * @param <T> the object's type
     */
    @ProviderType
    interface Reference<T> extends AutoCloseable {
        /** The object. */
        T get();

        @Override
        void close();
    }

    /**
     * The outgoing object, if some preserved file needs it.
     *
     * @throws LuoException {@link Errno#ENOENT} if no file does
     */
    <T> Reference<T> outgoing(Flb<T> flb) throws LuoException;

    /**
     * The incoming object, brought back on first use.
     *
     * @throws LuoException {@link Errno#ENODATA} after a cold start, or once it is finished · ENOENT if the predecessor
     *     did not hand it over · the errno of a failed {@link Flb#retrieve}, the same one ever after
     */
    <T> Reference<T> incoming(Flb<T> flb) throws LuoException;
}
