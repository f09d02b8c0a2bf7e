// SPDX-License-Identifier: Apache-2.0
/**
 * Commands of the administration socket, open to every bundle.
 *
 * <p>The daemon collects {@link org.luo.admin.AdminCommand} services and offers them on
 * {@code <run dir>/admin.sock}; the command {@code luo} is their client.
 */
@Export
@Version("0.1.0")
package org.luo.admin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
