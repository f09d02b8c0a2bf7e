// SPDX-License-Identifier: Apache-2.0
/**
 * What the handler of iommufds offers to handlers of files that are of no use without one.
 *
 * <p>Start at {@link org.luo.handler.iommu.Iommufds}. The handler itself, format {@code iommufd-p1}, and the FLB
 * {@code iommu-core-v1} are not exported: plug-ins name formats.
 */
@Export
@Version("0.1.0")
package org.luo.handler.iommu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
