// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

/**
 * Whose plug-in it is.
 *
 * @param bundle the bundle's id
 * @param name for people: {@code org.luo.handler.memfd [7]}
 */
public record Owner(long bundle, String name) {
    /** Whether it is another bundle of the same symbolic name. */
    boolean isVersionOf(Owner other) {
        return bundle != other.bundle && symbolicName().equals(other.symbolicName());
    }

    private String symbolicName() {
        int id = name.lastIndexOf(" [");
        return id < 0 ? name : name.substring(0, id);
    }
}
