// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Passenger;

/**
 * What the caller of an update may say, by name:
 *
 * <ul>
 *   <li>{@code leave}: files to go without, separated by commas: names such as {@code vm1/0x3}, and formats such as
 *       {@code vfio-p1} for all of a kind
 *   <li>{@code leave-stuck}: {@code true} to go without whatever can't cross, instead of not going
 *   <li>{@code prepare-only}: {@code true} to hand everything to the kernel and leave the kexec to the service manager
 * </ul>
 *
 * @param leave names and formats
 * @param leaveStuck whether what can't cross is left behind too
 * @param prepareOnly whether somebody else boots
 */
record Options(Set<String> leave, boolean leaveStuck, boolean prepareOnly) {
    private static final String LEAVE = "leave";
    private static final String LEAVE_STUCK = "leave-stuck";
    private static final String PREPARE_ONLY = "prepare-only";
    private static final List<String> NAMES = List.of(LEAVE, LEAVE_STUCK, PREPARE_ONLY);

    /** @throws LuoException EINVAL for a name that is not known or a value that makes no sense */
    static Options parse(Map<String, String> options) throws LuoException {
        for (String name : options.keySet()) {
            if (!NAMES.contains(name)) {
                throw invalid(name, "not known; kernel handover knows " + String.join(", ", NAMES));
            }
        }
        Set<String> leave = new TreeSet<>();
        Stream.of(options.getOrDefault(LEAVE, "").split(","))
                .map(String::strip)
                .filter(what -> !what.isEmpty())
                .forEach(leave::add);
        return new Options(leave, flag(options, LEAVE_STUCK), flag(options, PREPARE_ONLY));
    }

    private static boolean flag(Map<String, String> options, String name) throws LuoException {
        String value = options.getOrDefault(name, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(name, "'" + value + "' is neither true nor false");
        }
        return Boolean.parseBoolean(value);
    }

    /** Whether a file is to be left behind. */
    boolean leaves(Passenger file) {
        return !leave.isEmpty()
                && (leave.contains(file.name().toString())
                        || leave.contains(file.compatible().text()));
    }

    /**
     * A word that names nothing is a mistake: what it was meant for would go, or stop everything.
     *
     * @throws LuoException ENOENT naming those words
     */
    void requireAllMeant(List<Passenger> files) throws LuoException {
        Set<String> unknown = new HashSet<>(leave);
        for (Passenger file : leave.isEmpty() ? List.<Passenger>of() : files) {
            unknown.remove(file.name().toString());
            unknown.remove(file.compatible().text());
        }
        if (!unknown.isEmpty()) {
            throw LuoException.of(
                    Errno.ENOENT,
                    "live update, option '" + LEAVE + "': no file or format is called "
                            + String.join(", ", new TreeSet<>(unknown)));
        }
    }

    private static LuoException invalid(String name, String why) {
        return LuoException.of(Errno.EINVAL, "live update, option '" + Machine.printable(name) + "': " + why);
    }
}
