// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UndoTest {
    private final List<Integer> undone = new ArrayList<>();

    @Test
    void stepsAreTakenBackLatestFirst() {
        try (Undo undo = new Undo()) {
            undo.add(() -> undone.add(1));
            undo.add(() -> undone.add(2));
        }
        assertThat(undone).containsExactly(2, 1);
    }

    @Test
    void aStepThatFailsDoesNotStopTheOthers() {
        try (Undo undo = new Undo()) {
            undo.add(() -> undone.add(1));
            undo.add(() -> {
                throw new StackOverflowError("made up");
            });
            undo.add(() -> undone.add(3));
        }
        assertThat(undone).containsExactly(3, 1);
    }

    @Test
    void whatIsKeptIsNotTakenBackAndWhatCameLaterIs() {
        try (Undo undo = new Undo()) {
            undo.add(() -> undone.add(1));
            undo.keep();
            undo.add(() -> undone.add(2));
        }
        assertThat(undone).containsExactly(2);
    }
}
