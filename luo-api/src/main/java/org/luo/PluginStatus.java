// SPDX-License-Identifier: Apache-2.0
package org.luo;

/** Whether a plug-in's service can be used. */
public enum PluginStatus {
    /** Registered and in use. */
    ACTIVE,
    /** Registered by its bundle but not taken: another has the same compatible string, or has adopted its files. */
    REJECTED,
    /** Gone while files still need it: they wait for a service that reads their format. */
    ORPHANED
}
