// SPDX-License-Identifier: Apache-2.0
/**
 * For tests of whatever offers {@code /dev/liveupdate}: a C program that asks it for everything a client can see.
 *
 * <p>The program judges nothing. Its answers are symbols, the same in every run, so that those of two devices, the
 * kernel's and an emulation, can be compared one by one. It needs a C compiler, and nothing else.
 */
@Export
@Version("0.1.0")
package org.luo.testkit.wire;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
