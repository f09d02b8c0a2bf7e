// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;

/**
 * One of the daemon's own commands.
 *
 * @param name see {@link AdminCommand#name}
 * @param description see {@link AdminCommand#description}
 * @param parameters the names of the arguments it takes; null lets any pass
 * @param body what it does
 */
record BuiltIn(String name, String description, List<String> parameters, Body body) implements AdminCommand {
    /** What a command does. */
    @FunctionalInterface
    interface Body {
        Map<String, Object> run(Map<String, Object> arguments) throws LuoException;
    }

    @Override
    public Map<String, Object> run(Map<String, Object> arguments) throws LuoException {
        for (String argument : arguments.keySet()) {
            if (parameters != null && !parameters.contains(argument)) {
                throw LuoException.of(
                        Errno.EINVAL,
                        name + ": no argument '" + CommandTable.shown(argument) + "'; it takes "
                                + (parameters.isEmpty() ? "none" : String.join(", ", parameters)));
            }
        }
        return body.run(arguments);
    }

    /** An argument that must be there and be text, or a number that stands for it. */
    static String text(Map<String, Object> arguments, String name) throws LuoException {
        return switch (arguments.get(name)) {
            case String text when !text.isEmpty() -> text;
            case Long number -> number.toString();
            case null, default -> throw LuoException.of(Errno.EINVAL, "argument '" + name + "': a string is needed");
        };
    }

    /** An argument that is true or false, false if it is not there. */
    static boolean flag(Map<String, Object> arguments, String name) throws LuoException {
        return switch (arguments.get(name)) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw LuoException.of(Errno.EINVAL, "argument '" + name + "': true or false is needed");
        };
    }
}
