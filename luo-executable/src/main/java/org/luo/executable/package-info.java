// SPDX-License-Identifier: Apache-2.0
/** What runs first in the executable jar, on whatever Java it was given to. */
package org.luo.executable;
