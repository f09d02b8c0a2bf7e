// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.Objects;
import org.luo.SessionName;
import org.luo.Token;

/**
 * Names one file among all that would go over: no two sessions that do have the same name.
 *
 * @param session its session
 * @param token its token in it
 */
public record FileName(SessionName session, Token token) {
    /** Neither is null. */
    public FileName {
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(token, "token");
    }

    /** {@code vm1/0x1}. */
    @Override
    public String toString() {
        return session + "/" + token;
    }
}
