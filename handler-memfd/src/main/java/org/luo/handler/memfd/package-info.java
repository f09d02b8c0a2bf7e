// SPDX-License-Identifier: Apache-2.0
/**
 * The file handler for shared memory without a name: memfds, files of O_TMPFILE and unlinked files of a tmpfs.
 *
 * <p>Start at {@link org.luo.handler.memfd.MemfdHandler}. It is also the example of a handler that has nothing to do but
 * to keep a file and to check that the right one came back.
 */
package org.luo.handler.memfd;
