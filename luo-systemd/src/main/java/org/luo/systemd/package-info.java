// SPDX-License-Identifier: Apache-2.0
/**
 * Speaks with the service manager that has started the platform, if one has: systemd's notifications, and its fd store as
 * a second line, in which everything is kept that a crash of the platform would lose.
 *
 * <p>Start at {@link org.luo.systemd.Reporter} for the one and {@link org.luo.systemd.Store} for the other. Without {@code
 * NOTIFY_SOCKET} in the environment nothing here does anything.
 */
package org.luo.systemd;
