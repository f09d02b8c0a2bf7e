// SPDX-License-Identifier: Apache-2.0
/**
 * What applications call: sessions that hold open files across a live update.
 *
 * <p>A session is <em>outgoing</em> before the update and <em>incoming</em> after it; the two are different types, so
 * an operation of the wrong direction does not compile. A file is known by its token inside its session. Every refusal
 * is a {@link org.luo.LuoException} with the errno that {@code /dev/liveupdate} would answer.
 */
@Export
@Version("0.1.0")
package org.luo;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
