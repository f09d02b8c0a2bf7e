// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AmountTest {
    @Test
    void oneIsSingular() {
        assertThat(Amount.of(1, "open file")).isEqualTo("1 open file");
    }

    @Test
    void noneAndManyArePlural() {
        assertThat(Amount.of(0, "file")).isEqualTo("0 files");
        assertThat(Amount.of(2, "file")).isEqualTo("2 files");
        assertThat(Amount.of(Long.MAX_VALUE, "page")).isEqualTo("9223372036854775807 pages");
    }
}
