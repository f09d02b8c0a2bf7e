// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;

/** What the environment says of a service manager. */
class ServiceManagerTest {
    @Test
    void howManyFilesItKeeps() throws Exception {
        assertThat(ServiceManager.keeps(Map.of())).isZero();
        assertThat(ServiceManager.keeps(Map.of("LUO_FDSTORE", "16384"))).isEqualTo(16384);
        assertThat(ServiceManager.keeps(Map.of("LUO_FDSTORE", "16384", "FDSTORE", "7")))
                .as("systemd knows better than the unit")
                .isEqualTo(7);
        assertThat(ServiceManager.keeps(Map.of("FDSTORE", "-1"))).isZero();
        LuoException refusal =
                catchThrowableOfType(LuoException.class, () -> ServiceManager.keeps(Map.of("FDSTORE", "ma\u0007ny")));
        assertThat(refusal).hasMessage("FDSTORE=ma?ny is no number [EINVAL]");
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
    }
}
