// SPDX-License-Identifier: Apache-2.0
/**
 * The pin table: which bundles must not leave, and for whom. A holder stands for one preserved file: it pins whatever
 * that file needs, and how many holders there are is how many files would be lost.
 *
 * <p>This package stands alone. The launcher exports it from the system bundle and publishes its
 * {@link org.luo.pin.PinTable} as a service, so that the framework itself can consult it. On a stock framework the API
 * bundle provides it and the core publishes the table: the same books, but only those who ask are refused.
 */
@Export
@Version("0.1.0")
package org.luo.pin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
