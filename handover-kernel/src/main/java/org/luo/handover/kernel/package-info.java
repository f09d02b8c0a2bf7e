// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel handover: this kernel is replaced by another one by kexec, and the platform's sessions outlive it in the
 * kernel's own live update orchestrator, {@code /dev/liveupdate}.
 *
 * <p>{@link org.luo.handover.kernel.KernelHandover} goes, {@link org.luo.handover.kernel.KernelKeeper} comes back, and what
 * they leave each other is an {@link org.luo.handover.kernel.Envelope} under token 0 of one kernel session, beside the
 * files.
 */
package org.luo.handover.kernel;
