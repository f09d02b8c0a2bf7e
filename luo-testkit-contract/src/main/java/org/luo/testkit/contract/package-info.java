// SPDX-License-Identifier: Apache-2.0
/**
 * What every plug-in must keep to, as tests that its own extend: {@link org.luo.testkit.contract.FileHandlerContract}
 * for file handlers, {@link org.luo.testkit.contract.FlbContract} for FLBs.
 *
 * <p>A contract drives the plug-in through the real orchestrator, with the real fds of the test's process, across live
 * updates to successors in the same JVM. It counts fds before and after every test.
 */
@Export
@Version("0.1.0")
package org.luo.testkit.contract;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
