// SPDX-License-Identifier: Apache-2.0
/**
 * The command {@code luo}: a client of the administration socket and nothing else.
 *
 * <p>{@link org.luo.cli.AdminClient} speaks the protocol, {@link org.luo.cli.PlatformProcess} runs a platform of its own
 * through both generations; tests and benchmarks use these two as well.
 */
package org.luo.cli;
