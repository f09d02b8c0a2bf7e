// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

/** An FLB that keeps to the contract passes all of it. */
class SoundFlbTest extends LedgerContract {}
