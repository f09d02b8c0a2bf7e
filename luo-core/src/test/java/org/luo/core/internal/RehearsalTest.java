// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.testkit.RecordingDoor;

/** A rehearsal that fails only makes the blackout longer, so nothing else would tell. */
final class RehearsalTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 500})
    void aWholeLiveUpdateIsRehearsed(int files) {
        assertThatCode(() -> Rehearsal.update(files)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neitherSideIsChangedByRehearsing(boolean outgoing) throws Exception {
        Platform platform = Platform.serving();
        platform.handler("memfd");
        platform.core.doors().add(new RecordingDoor("device", platform.journal));
        platform.session("vm1", "a");
        Platform.Snapshot before = platform.snapshot();
        platform.journal.clear();
        if (outgoing) {
            platform.core.outgoing().rehearse();
        } else {
            platform.core.incoming().rehearse();
        }
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines()).allMatch(line -> line.endsWith(".rehearse"));
    }
}
