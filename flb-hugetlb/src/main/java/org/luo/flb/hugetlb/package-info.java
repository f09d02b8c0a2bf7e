// SPDX-License-Identifier: Apache-2.0
/**
 * Memory of huge pages: the file handler for its memfds, and the object that all of them share, the machine's pools.
 *
 * <p>Start at {@link org.luo.flb.hugetlb.HugetlbFlb} and {@link org.luo.flb.hugetlb.HugeMemfdHandler}. The two are also
 * the example of an FLB and of a handler that needs one.
 */
package org.luo.flb.hugetlb;
