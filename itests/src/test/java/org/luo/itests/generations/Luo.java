// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command {@code luo} of the distribution, at one platform. */
final class Luo {
    private final Generations platform;

    Luo(Generations platform) {
        this.platform = platform;
    }

    /** How a command ended. */
    record Result(int status, String output, String error) {
        JsonObject json() {
            return JsonParser.parseString(output).getAsJsonObject();
        }
    }

    ProcessBuilder command(String... arguments) {
        List<String> line =
                new ArrayList<>(List.of(Generations.HOME.resolve("luo").toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LUO_DIR", platform.dir().toString());
        return builder;
    }

    Result run(String... arguments) throws Exception {
        Path error = platform.dir().resolve("error");
        Process process = command(arguments).redirectError(error.toFile()).start();
        try {
            String output = process.inputReader().readAllAsString().strip();
            return new Result(process.waitFor(), output, Files.readString(error).strip());
        } finally {
            process.destroy(); // SIGTERM: it takes down what it has started
        }
    }

    /** What it prints; it must succeed. */
    String done(String... arguments) throws Exception {
        Result result = run(arguments);
        assertThat(result.status()).as(result.error()).isZero();
        return result.output();
    }

    void refused(String why, String... arguments) throws Exception {
        Result result = run(arguments);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error()).startsWith("luo: ").contains(why);
    }
}
