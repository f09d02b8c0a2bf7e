// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.Locale;
import java.util.Map;

/**
 * Something that has happened.
 *
 * @param sequence counts what this process has to tell, from 1; a gap is what a listener did not ask for or what
 *     {@link Type#LOST} speaks of
 * @param time when, in ms since 1970
 * @param type what
 * @param subject to what: a session {@code vm1}, a file {@code vm1/0x1}, a plug-in {@code memfd-v2}, or empty
 * @param details more, by name; strings, numbers in decimal
 */
public record LiveUpdateEvent(long sequence, long time, Type type, String subject, Map<String, String> details) {
    /** What can happen. */
    public enum Type {
        /** The {@link LiveUpdateState} changed; details {@code from}, {@code to}. */
        STATE_CHANGED,
        /** An outgoing session was created. */
        SESSION_CREATED,
        /** An incoming session was retrieved. */
        SESSION_RETRIEVED,
        /** An incoming session was finished; detail {@code files}. */
        SESSION_FINISHED,
        /** A session was closed; detail {@code direction}. */
        SESSION_CLOSED,
        /** An unclaimed incoming session was dropped; detail {@code files}. */
        SESSION_DROPPED,
        /** A file was preserved; detail {@code compatible}. */
        FILE_PRESERVED,
        /** A file was let go; detail {@code compatible}. */
        FILE_UNPRESERVED,
        /** A file was brought back; detail {@code compatible}. */
        FILE_RETRIEVED,
        /** A file's preservation ended; detail {@code compatible}. */
        FILE_FINISHED,
        /** A plug-in was registered; details {@code kind}, {@code bundle}. */
        PLUGIN_REGISTERED,
        /** A plug-in left; details {@code kind}, {@code bundle}. */
        PLUGIN_UNREGISTERED,
        /** A plug-in left while something needs it; details {@code kind}, {@code users}. */
        PLUGIN_ORPHANED,
        /** A plug-in was not taken; details {@code kind}, {@code reason}. */
        PLUGIN_REJECTED,
        /** A handler has taken over another's files; details {@code from}, {@code files}. */
        PLUGIN_ADOPTED,
        /** A live update began; detail {@code kind}. */
        UPDATE_STARTED,
        /** A phase ahead of the blackout, or after it, has ended; subject its name, detail {@code ms}. */
        UPDATE_PHASE,
        /** A live update did not happen; details {@code kind}, {@code reason}. */
        UPDATE_FAILED,
        /** A live update led to this process; detail {@code number}. */
        UPDATE_DONE,
        /** Events were lost, because they came faster than listeners took them; detail {@code count}. */
        LOST;

        /** Lower case with underscores: {@code file_preserved}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The map is copied. */
    public LiveUpdateEvent {
        details = Map.copyOf(details);
    }
}
