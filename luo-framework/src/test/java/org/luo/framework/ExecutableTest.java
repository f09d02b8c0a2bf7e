// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutableTest {
    @Test
    void withoutACommandItIsThePlatform() {
        assertThat(Executable.parse().isPlatform()).isTrue();
        assertThat(Executable.parse("run", "--dir", "/d", "--force").isPlatform())
                .isTrue();
        assertThat(Executable.parse("--dir=/d", "--lenient").isPlatform()).isTrue();
    }

    @Test
    void whateverElseIsTheCommandLines() {
        assertThat(Executable.parse("--dir", "/d", "status").isPlatform()).isFalse();
        assertThat(Executable.parse("--help").isPlatform()).isFalse();
        assertThat(Executable.parse("run", "--help").isPlatform()).isFalse();
    }

    @Test
    void directoriesAreTakenInEitherForm() {
        Executable line = Executable.parse("--bundles", "a", "run", "--bundles=b", "--dir=/d=e");
        assertThat(line.bundles()).isEqualTo(List.of("a", "b"));
        assertThat(line.dir()).isEqualTo("/d=e");
        assertThatIllegalArgumentException().isThrownBy(() -> Executable.parse("--dir"));
        assertThatIllegalArgumentException().isThrownBy(() -> Executable.parse("--bundles="));
    }
}
