// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;

/**
 * The command {@code doors}: {@code open}, the names of those that are, and {@code shut}, objects with {@code name} and
 * {@code reason}.
 *
 * @param doors all of them
 */
record DoorsCommand(Doors doors) implements AdminCommand {
    @Override
    public String name() {
        return "doors";
    }

    @Override
    public String description() {
        return "which doors are open, and why the others are not";
    }

    @Override
    public Map<String, Object> run(Map<String, Object> arguments) throws LuoException {
        if (!arguments.isEmpty()) {
            throw LuoException.of(Errno.EINVAL, "doors takes no arguments");
        }
        List<Object> shut = doors.shut().entrySet().stream()
                .<Object>map(door -> inOrder("name", door.getKey(), "reason", door.getValue()))
                .toList();
        return inOrder("open", doors.opened(), "shut", shut);
    }

    private static Map<String, Object> inOrder(String name, Object value, String other, Object otherValue) {
        Map<String, Object> inOrder = new LinkedHashMap<>();
        inOrder.put(name, value);
        inOrder.put(other, otherValue);
        return inOrder;
    }
}
