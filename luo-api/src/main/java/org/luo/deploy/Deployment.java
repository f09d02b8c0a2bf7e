// SPDX-License-Identifier: Apache-2.0
package org.luo.deploy;

/**
 * One jar of the deploy folder and what it has led to.
 *
 * @param file its name in the folder
 * @param bundle the id of the bundle that runs for it, {@link #NONE} if there is none
 * @param wanted what the folder asks for
 * @param status whether that is done
 * @param reason why it is not; empty if it is
 */
public record Deployment(String file, long bundle, Change wanted, Status status, String reason) {
    /** No bundle. */
    public static final long NONE = -1;

    /** What the folder asks for. */
    public enum Change {
        /** The file has come. */
        INSTALL,
        /** The file has changed. */
        UPDATE,
        /** The file has gone. */
        UNINSTALL
    }

    /** Whether it is done. */
    public enum Status {
        /** The bundle runs with the file's content. */
        DONE,
        /** Tried again by itself: refused while something is preserved, or the file is not complete yet. */
        PENDING,
        /** Tried again when the file changes, or another bundle comes. */
        FAILED
    }
}
