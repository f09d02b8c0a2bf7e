// SPDX-License-Identifier: Apache-2.0
/**
 * The deploy folder: jars that are installed, updated and uninstalled as they come, change and go. What each of them has
 * led to can be asked for at any time, so that the folder and the running platform never disagree unseen.
 *
 * <p>This package stands alone, as {@code org.luo.pin} does: the launcher exports it from the system bundle and publishes
 * its {@link org.luo.deploy.DeployFolder} as a service. On another framework there is none.
 */
@Export
@Version("0.1.0")
package org.luo.deploy;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
