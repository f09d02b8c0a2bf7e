// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What the orchestrator offers to whoever keeps a copy of everything against a crash of this process. An OSGi service while
 * this process owns the sessions. When there is something new to copy, a {@link org.luo.LiveUpdateListener} hears.
 *
 * @see Image#crashed()
 */
@ProviderType
public interface Rescue {
    /**
     * Everything as it is now, for {@link IncomingSide#deserialize} after a crash. Nothing is frozen.
     *
     * <p>Context: waits for each session's callbacks, one session at a time, and while everything is frozen.
     *
     * @param wanted whether an fd of a file is needed. A file is the same object as long as it is preserved, so who has one
     *     already says so by that
     * @return its copies are the caller's to close
     * @throws LuoException EOPNOTSUPP if this process owns nothing any more · EMFILE · ENOMEM; no copy is left open then
     */
    Snapshot snapshot(Predicate<OpenFile> wanted) throws LuoException;

    /**
     * Everything at one moment, but what can't be kept this way.
     *
     * @param bytes the image, whole
     * @param files the files of the image, in order; their fds are the orchestrator's, and may be closed already
     * @param copies an fd of each file that was wanted
     * @param uncovered what a crash would lose, each with the reason
     */
    record Snapshot(ByteBuffer bytes, List<OpenFile> files, Map<OpenFile, Integer> copies, List<String> uncovered) {
        /** The lists are copied. */
        public Snapshot {
            files = List.copyOf(files);
            copies = Map.copyOf(copies);
            uncovered = List.copyOf(uncovered);
        }
    }
}
