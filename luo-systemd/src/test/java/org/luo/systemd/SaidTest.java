// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SaidTest {
    private final Said said = new Said();

    @Test
    void whatIsNewIsSaidAtOnceAndOnlyOnce() {
        assertThat(said.isDue("normal", 0)).isTrue();
        said.set("normal", 0);
        assertThat(said.isDue("normal", 1)).isFalse();
        assertThat(said.isDue("frozen", 1)).isTrue();
        assertThat(said.status()).isEqualTo("normal");
    }

    @Test
    void itIsSaidAgainSinceAPredecessorMayHaveSpokenLast() {
        said.set("updated", 100);
        assertThat(said.isDue("updated", 100 + Said.AGAIN_NANOS - 1)).isFalse();
        assertThat(said.isDue("updated", 100 + Said.AGAIN_NANOS)).isTrue();
    }
}
