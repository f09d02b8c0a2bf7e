// SPDX-License-Identifier: Apache-2.0
/**
 * A sample workload: what a virtual machine monitor would do with its guests' memory, as commands of the administration
 * socket.
 *
 * <p>{@link org.luo.workload.internal.Outgoing} makes memfds with {@link org.luo.workload.internal.Content} that follows
 * from a seed and preserves them, together with a {@link org.luo.workload.internal.Description} of itself in one more
 * memfd. {@link org.luo.workload.internal.Incoming}, in the successor, has nothing but that to go by.
 */
package org.luo.workload.internal;
