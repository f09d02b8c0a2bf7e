// SPDX-License-Identifier: Apache-2.0
/** What crosses over, byte by byte: {@code Layout} says where, the writer and the reader say what. */
package org.luo.core.internal.image;
