// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

/**
 * A file without which another one is of no use: a device's iommufd.
 *
 * @param what for people, such as {@code iommufd}
 * @param identity what its handler's {@link FileHandler#identity} says of it
 */
public record FileDependency(String what, FileIdentity identity) {}
