// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileIdentity;

/**
 * Every file object that is preserved or has been retrieved and not finished, over all sessions, so that none is
 * preserved twice.
 */
final class PreservedFiles {
    private final ConcurrentMap<FileIdentity, Object> holders = new ConcurrentHashMap<>();

    /**
     * Notes a file. Undo: {@link #remove}.
     *
     * @param holder prints as the file's name
     * @throws LuoException EBUSY naming who has it
     */
    void add(FileIdentity identity, Object holder) throws LuoException {
        Object other = holders.putIfAbsent(identity, holder);
        if (other != null) {
            throw LuoException.of(Errno.EBUSY, "preserve as " + holder + ": already preserved as " + other);
        }
    }

    /** Who has it, or null. */
    Object holder(FileIdentity identity) {
        return holders.get(identity);
    }

    void remove(FileIdentity identity, Object holder) {
        holders.remove(identity, holder);
    }
}
