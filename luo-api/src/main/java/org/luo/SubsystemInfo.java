// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * What can be seen of a subsystem.
 *
 * @param name its name
 * @param kind its kind, lower case; empty while only its state is here
 * @param bundle symbolic name and id of the bundle it came from; empty while only its state is here
 * @param phase where it is in its life
 * @param stateBytes size of its state in bytes, prepared here or come over
 * @param status whether it can be called; ORPHANED if its state came over and nobody has taken it
 */
public record SubsystemInfo(String name, String kind, String bundle, Phase phase, int stateBytes, PluginStatus status) {
    /** Where a subsystem is in its life. */
    public enum Phase {
        /** Registered, nothing under way. */
        IDLE,
        /** Has serialized what takes long. */
        PREPARED,
        /** Its state is final. */
        FROZEN,
        /** Its state came over, and it has not been told that the update is finished. */
        UPDATED
    }
}
