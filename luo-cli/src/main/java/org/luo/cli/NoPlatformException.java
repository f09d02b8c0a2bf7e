// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Path;

/** Nobody answers at a run directory. */
public final class NoPlatformException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Nobody answers at this directory. */
    NoPlatformException(Path dir, IOException cause) {
        super("no platform runs at " + dir + "; start one with: luo run --dir " + dir, cause);
    }

    private NoPlatformException(String message) {
        super(message);
    }

    /** The platform at this directory has just ended. */
    static NoPlatformException ended(Path dir) {
        return new NoPlatformException("the platform at " + dir + " has ended");
    }
}
