// SPDX-License-Identifier: Apache-2.0
/**
 * The file handler for iommufds and the FLB of the machine's IOMMUs. Start at
 * {@link org.luo.handler.iommu.internal.IommuHandler}.
 */
package org.luo.handler.iommu.internal;
