// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/**
 * What {@code workload.preserve} is asked for.
 *
 * @param sessions over which the files are spread in turn
 * @param files how many
 * @param bytes how many in all
 * @param seed what the contents follow from
 * @param sparse whether the files have holes
 * @param huge how many of the files, the first ones, are of huge pages; each is rounded up to whole ones, at least one
 * @param hugePage the size of a huge page in bytes
 */
record Request(List<SessionName> sessions, int files, long bytes, long seed, boolean sparse, int huge, long hugePage) {
    private static final int MAX_FILES = 100_000;
    private static final int MAX_SESSIONS = 10_000;
    private static final long MAX_SPARSE = 64L << 30;
    private static final long RESERVE = 64L << 20;
    private static final Set<String> NAMES = Set.of("sessions", "files", "bytes", "seed", "sparse", "huge");

    /**
     * Reads the arguments; those left out get defaults: two sessions, 64 files, 256 MiB, a seed by chance, not sparse,
     * no huge pages.
     *
     * @param available bytes of memory there are
     * @param hugePage the size of a huge page in bytes
     * @throws LuoException EINVAL for an argument that is not known or makes no sense · ENOMEM if there is not enough
     *     memory
     */
    static Request parse(Map<String, Object> arguments, long available, long hugePage) throws LuoException {
        for (String name : arguments.keySet()) {
            if (!NAMES.contains(name)) {
                throw invalid("arguments are sessions, files, bytes, seed, sparse, huge and no other");
            }
        }
        boolean sparse = flag(arguments, "sparse");
        long bytes = number(arguments, "bytes", 256L << 20, 0, sparse ? MAX_SPARSE : Long.MAX_VALUE);
        if (!sparse && bytes > available - RESERVE) {
            throw LuoException.of(
                    Errno.ENOMEM,
                    "workload: bytes " + bytes + ": more than the " + Math.max(0, available - RESERVE)
                            + " bytes of memory there are to use");
        }
        int files = (int) number(arguments, "files", 64, 0, MAX_FILES);
        return new Request(
                sessions(arguments.getOrDefault("sessions", List.of("vm1", "vm2"))),
                files,
                bytes,
                number(arguments, "seed", new SplittableRandom().nextLong(), Long.MIN_VALUE, Long.MAX_VALUE),
                sparse,
                (int) number(arguments, "huge", 0, 0, files),
                hugePage);
    }

    /** Whether a file is of huge pages. */
    boolean isHuge(int file) {
        return file < huge;
    }

    /** How many huge pages the files have together. */
    long hugePages() {
        return IntStream.range(0, huge).mapToLong(file -> size(file) / hugePage).sum();
    }

    /** How many bytes the files have together. */
    long total() {
        return IntStream.range(0, files).mapToLong(this::size).sum();
    }

    /** The size of one file. */
    long size(int file) {
        long size = share(file);
        return isHuge(file) ? Math.max(1, Math.ceilDiv(size, hugePage)) * hugePage : size;
    }

    /** A file's part of the bytes: they differ by pairs, so that they are no multiples of pages, and add up to all. */
    private long share(int file) {
        long even = bytes / files;
        if (file == files - 1) {
            return bytes - even * (files - 1) + (file % 2 == 0 ? 0 : -unevenness(file, even));
        }
        return even + (file % 2 == 0 ? unevenness(file, even) : -unevenness(file, even));
    }

    /** The same for both files of a pair; 0 for a file without a partner. */
    private long unevenness(int file, long even) {
        boolean alone = file % 2 == 0 && file == files - 1;
        return alone ? 0 : (file / 2 * 1237L + 389) % (even / 2 + 1);
    }

    private static List<SessionName> sessions(Object argument) throws LuoException {
        if (!(argument instanceof List<?> list) || list.isEmpty() || list.size() > MAX_SESSIONS) {
            throw invalid("sessions: an array of 1 to " + MAX_SESSIONS + " names is needed");
        }
        List<SessionName> names = new ArrayList<>();
        for (Object name : list) {
            if (!(name instanceof String text)) {
                throw invalid("sessions: names are strings");
            }
            names.add(SessionName.of(text));
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw invalid("sessions: a name is there twice");
        }
        return names;
    }

    private static long number(Map<String, Object> arguments, String name, long standard, long least, long most)
            throws LuoException {
        Object argument = arguments.getOrDefault(name, standard);
        if (argument instanceof Long number && number >= least && number <= most) {
            return number;
        }
        throw invalid(name + ": a whole number from " + least + " to " + most + " is needed");
    }

    private static boolean flag(Map<String, Object> arguments, String name) throws LuoException {
        if (arguments.getOrDefault(name, false) instanceof Boolean flag) {
            return flag;
        }
        throw invalid(name + ": true or false is needed");
    }

    private static LuoException invalid(String why) {
        return LuoException.of(Errno.EINVAL, "workload: " + why);
    }
}
