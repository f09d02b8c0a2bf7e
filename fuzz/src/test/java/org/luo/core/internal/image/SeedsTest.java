// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Fuzzing begins with images that are sound. */
class SeedsTest {
    @Test
    void everySeedIsTaken() throws Exception {
        for (byte[] whole : ImageFuzzTest.seeds().toList()) {
            assertThat(new Process().attempt(whole)).isTrue();
        }
        for (byte[] delta : DeltaFuzzTest.seeds().toList()) {
            assertThat(DeltaFuzzTest.afterDraft().attempt(delta)).isTrue();
        }
    }
}
