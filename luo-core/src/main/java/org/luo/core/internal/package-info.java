// SPDX-License-Identifier: Apache-2.0
/**
 * The orchestrator. {@link org.luo.core.internal.Core} is all of it without a framework; {@code CoreComponent} puts it
 * into one.
 */
package org.luo.core.internal;
