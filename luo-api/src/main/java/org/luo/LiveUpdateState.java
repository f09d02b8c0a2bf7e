// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.Locale;

/**
 * Where the whole machine is between two live updates.
 *
 * <pre>
 * NORMAL ─ prepare ─► PREPARED ─ freeze ─► FROZEN ─ handed over ─► (the successor) UPDATED ─ finish ─► NORMAL
 *   ▲                    │                   │
 *   └────── cancel ──────┴──────────────────┘
 * </pre>
 *
 * <p>A transition that fails ends in NORMAL.
 */
public enum LiveUpdateState {
    /** Workloads run; nothing is under way. */
    NORMAL,
    /** Workloads still run; subsystems have serialized what takes long. */
    PREPARED,
    /** Everything is final: session calls wait. */
    FROZEN,
    /** Came over a live update, and something that came is not finished. */
    UPDATED;

    /** As the kernel prints it: {@code normal}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
