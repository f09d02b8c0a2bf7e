// SPDX-License-Identifier: Apache-2.0
/**
 * For tests of plug-ins, handovers and the orchestrator itself: a model of open files, plug-ins that write down what
 * is asked of them, and a handover inside one process.
 *
 * <p>Nothing here calls C or needs a framework, so a whole live update fits into a unit test: an orchestrator that
 * serves, one that stands by, and an {@link org.luo.testkit.InMemoryHandover} between them. A
 * {@link org.luo.testkit.Script} tells a recording plug-in when to fail, and a {@link org.luo.testkit.Journal} shows
 * in which order everything was called.
 *
 * <p>Besides what a test of real ones needs, so that nothing stays behind: a {@link org.luo.testkit.RunDirectory} for a
 * platform's processes, {@link org.luo.testkit.HugePages}, and extensions of JUnit that look,
 * {@link org.luo.testkit.NoFdLeft} and {@link org.luo.testkit.NoProcessLeft}.
 */
@Export
@Version("0.1.0")
package org.luo.testkit;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
