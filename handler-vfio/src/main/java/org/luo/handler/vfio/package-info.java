// SPDX-License-Identifier: Apache-2.0
/**
 * The file handler for PCI devices of VFIO, and the FLB of the machine's PCI devices. It also knows the files of VFIO's
 * legacy interface, container and groups, to refuse them with the reason.
 *
 * <p>Start at {@link org.luo.handler.vfio.VfioHandler}. It is the example of a handler whose files depend on others.
 */
package org.luo.handler.vfio;
