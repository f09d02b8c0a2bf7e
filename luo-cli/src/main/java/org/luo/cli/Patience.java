// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Stack;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** How long somebody is ready to wait: {@code 90}, {@code 90s}, {@code 5m}, {@code 2h}. */
final class Patience implements ITypeConverter<Duration>, IParameterPreprocessor {
    static final String DEFAULT = "10m";

    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smh]?)");

    @Override
    public Duration convert(String text) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw new TypeConversionException("'" + text + "' is no time; 90s, 5m and 2h are");
        }
        long number = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
        };
    }

    /** In {@code --wait FILE} the file is not the time: that is attached, as in {@code --wait=5m}. */
    @Override
    public boolean preprocess(
            Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> information) {
        if (!"=".equals(information.get("separator"))) {
            arguments.push(DEFAULT);
        }
        return false;
    }

    /** Such as {@code 10 m}. */
    static String text(Duration time) {
        long seconds = time.toSeconds();
        if (seconds > 0 && seconds % 3600 == 0) {
            return seconds / 3600 + " h";
        }
        return seconds > 0 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }
}
