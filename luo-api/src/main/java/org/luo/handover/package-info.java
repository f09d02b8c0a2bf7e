// SPDX-License-Identifier: Apache-2.0
/**
 * What crosses over, and the seam between the orchestrator and the ways to cross.
 *
 * <p>A {@link org.luo.handover.Handover} drives: before the update it uses the orchestrator's
 * {@link org.luo.handover.OutgoingSide}, in the successor its {@link org.luo.handover.IncomingSide}. What goes over is
 * one {@link org.luo.handover.Image}: bytes and open files. A {@link org.luo.handover.Door} is what the outside talks
 * to, and crosses over as well. A {@link org.luo.handover.Keeper} has what is left to a platform without predecessor, and
 * {@link org.luo.handover.Rescue} is where it may have got it before a crash.
 */
@Export
@Version("0.1.0")
package org.luo.handover;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
