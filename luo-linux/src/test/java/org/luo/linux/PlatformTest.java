// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlatformTest {
    @Test
    void knowsBothMachinesByWhatJavaCallsThem() {
        assertThat(Platform.of("Linux", "amd64")).isEqualTo(Platform.X86_64);
        assertThat(Platform.of("Linux", "x86_64")).isEqualTo(Platform.X86_64);
        assertThat(Platform.of("Linux", "aarch64")).isEqualTo(Platform.AARCH64);
    }

    @Test
    void refusesEveryOtherByName() {
        assertThatThrownBy(() -> Platform.of("Linux", "riscv64"))
                .hasMessage("needs Linux on x86-64 or aarch64, this is Linux on riscv64");
        assertThatThrownBy(() -> Platform.of("Mac OS X", "aarch64"))
                .hasMessage("needs Linux on x86-64 or aarch64, this is Mac OS X on aarch64");
    }
}
