// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code luo prepare}, {@code freeze}, {@code cancel}, {@code finish}. */
@Command
final class StepCommand extends PlatformCommand {
    private final Step step;

    StepCommand(Step step) {
        this.step = step;
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call(step.command(), Map.of());
    }

    @Override
    String format(Map<String, Object> answer) {
        String left = Json.text(answer, "incoming");
        return step == Step.FINISH && !left.isEmpty()
                ? step.reached() + "; nobody has finished " + left + ": they go on with the next update, or luo drop"
                : step.reached();
    }
}
