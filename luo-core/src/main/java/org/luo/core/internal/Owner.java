// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

/**
 * Whose plug-in it is.
 *
 * @param bundle the bundle's id
 * @param name for people: {@code org.luo.handler.memfd [7]}
 */
public record Owner(long bundle, String name) {}
