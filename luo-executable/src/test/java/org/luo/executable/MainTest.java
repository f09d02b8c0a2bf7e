// SPDX-License-Identifier: Apache-2.0
package org.luo.executable;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import org.junit.jupiter.api.Test;

class MainTest {
    private static final int JAVA_8 = 52;

    @Test
    void theFeatureVersionIsReadAsOldAndNewJavasWriteIt() {
        assertThat(Main.feature("1.8")).isEqualTo(8);
        assertThat(Main.feature("17")).isEqualTo(17);
        assertThat(Main.feature("26")).isEqualTo(26);
        assertThat(Main.feature("tomorrow")).isZero();
    }

    @Test
    void anOldJavaCanLoadTheClass() throws Exception {
        try (DataInputStream bytes = new DataInputStream(Main.class.getResourceAsStream("Main.class"))) {
            assertThat(bytes.readInt()).isEqualTo(0xCAFEBABE);
            assertThat(bytes.readUnsignedShort()).isZero();
            assertThat(bytes.readUnsignedShort()).isEqualTo(JAVA_8);
        }
    }
}
