// SPDX-License-Identifier: Apache-2.0
/**
 * The launcher: starts the framework with pins in a run directory of its own, and ends it without losing files unless
 * told to twice. First class to read: {@link org.luo.framework.Main}.
 */
package org.luo.framework;
