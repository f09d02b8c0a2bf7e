// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

/**
 * A file without which another one is of no use: a device's iommufd.
 *
 * @param what for people, who find it by this: {@code the iommufd that VFIO device 0000:00:03.0 is bound to}
 * @param identity what its handler's {@link FileHandler#identity} says of it
 */
public record FileDependency(String what, FileIdentity identity) {}
