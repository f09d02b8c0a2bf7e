// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu;

import java.util.Optional;
import org.luo.LuoException;
import org.luo.spi.FileIdentity;
import org.osgi.annotation.versioning.ProviderType;

/** The iommufds that are preserved, or have been retrieved and are not finished. An OSGi service. */
@ProviderType
public interface Iommufds {
    /**
     * The one of them that a VFIO device is bound to; empty if it is bound to another one, or to none.
     *
     * <p>Context: asks the kernel, some ten system calls for each iommufd; not in the blackout.
     *
     * @param device the device's fd
     * @throws LuoException EOPNOTSUPP if the kernel can't be asked, Linux before 6.15 · EBADF
     */
    Optional<FileIdentity> boundTo(int device) throws LuoException;

    /**
     * Whether it is still one of them. Asks nobody.
     *
     * @param iommufd what {@link #boundTo} returned
     */
    boolean has(FileIdentity iommufd);
}
