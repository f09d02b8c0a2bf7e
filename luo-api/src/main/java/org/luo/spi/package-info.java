// SPDX-License-Identifier: Apache-2.0
/**
 * What plug-ins implement: file handlers and file-lifecycle-bound objects.
 *
 * <p>A plug-in is an OSGi service of type {@link org.luo.spi.FileHandler} or {@link org.luo.spi.Flb}, usually a
 * Declarative Services component. Results are returned; callbacks that must not fail declare no exception. State that
 * has to cross over is a {@link org.luo.spi.PluginState}: bytes and fds.
 */
@Export
@Version("0.1.0")
package org.luo.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
