// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

/** A handler that keeps to the contract passes all of it. */
class SoundHandlerTest extends NoteContract {}
