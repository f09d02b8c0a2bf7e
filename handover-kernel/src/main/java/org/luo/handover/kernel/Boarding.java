// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.FileName;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Passenger;
import org.luo.handover.PassengerList;
import org.luo.handover.Substitute;
import org.luo.spi.FileIdentity;
import org.luo.spi.Verdict;

/**
 * Gives the kernel, ahead of the freeze, every file that it takes, and finds out which it does not.
 *
 * <p>Preserving is what takes long in the kernel: it pins all pages and allocates what is missing. It keeps what is written
 * afterwards too, but the size of a file can't change any more.
 */
final class Boarding {
    private static final int MOST_NAMES = 8;

    private final Options options;
    private final Machine machine;
    private final Map<FileName, Substitute> left = new HashMap<>();
    private final List<Answer> answers = new ArrayList<>();

    /** The open files of those that go, if nobody refuses them. */
    private final List<OpenFile> going = new ArrayList<>();

    private Finding memory;
    private boolean stuck;
    private LuoException failure;

    /** What is to become of a file. */
    enum Fate {
        /** It crosses. */
        GOES,
        /** It is left behind, as somebody wants. */
        STAYS,
        /** It can't cross, and nobody wants it left behind. */
        STUCK
    }

    /**
     * What there is to say of a file.
     *
     * @param file the file
     * @param fate what becomes of it
     * @param reason why it can't cross, or empty
     */
    record Answer(Passenger file, Fate fate, String reason) {}

    Boarding(Options options, Machine machine) {
        this.options = options;
        this.machine = machine;
    }

    /**
     * Asks of every file: first all handlers, then for memory, then the kernel.
     *
     * @param session the one that is asked, or null if only the handlers can be
     * @throws LuoException if it can't be asked · ENOENT if something is to be left behind that is not there · ENOMEM if
     *     there is too little memory for what the kernel would allocate
     */
    void ask(OutgoingSide outgoing, KernelSession session) throws LuoException {
        try (PassengerList list = outgoing.passengers()) {
            List<Passenger> files = list.passengers();
            options.requireAllMeant(files);
            files.forEach(this::askHandler);
            requireMemory();
            if (session != null) {
                askKernel(session);
            }
        }
    }

    private void askHandler(Passenger file) {
        Verdict verdict = file.acrossKernel();
        if (options.leaves(file)) {
            left.put(file.name(), LeftState.of(file));
            answers.add(new Answer(file, Fate.STAYS, verdict.reason()));
        } else if (verdict.ok()) {
            going.addAll(file.files());
            answers.add(new Answer(file, Fate.GOES, ""));
        } else {
            answers.add(refusal(file, verdict.reason()));
        }
    }

    private Answer refusal(Passenger file, String reason) {
        if (options.leaveStuck()) {
            left.put(file.name(), LeftState.of(file, reason));
            return new Answer(file, Fate.STAYS, reason);
        }
        stuck = true;
        return new Answer(file, Fate.STUCK, reason);
    }

    private void requireMemory() throws LuoException {
        memory = Holes.of(going).finding(machine);
        if (memory.state() == Finding.State.MISSING) {
            throw LuoException.of(memory.errno(), "live update: " + memory.text());
        }
    }

    private void askKernel(KernelSession session) {
        Map<FileIdentity, LuoException> refused = session.preserveAll(going);
        if (!refused.isEmpty()) {
            answers.replaceAll(answer -> answer.fate() == Fate.GOES ? afterKernel(answer, refused) : answer);
        }
    }

    private Answer afterKernel(Answer answer, Map<FileIdentity, LuoException> refused) {
        for (OpenFile file : answer.file().files()) {
            LuoException why = refused.get(file.identity());
            if (why != null) {
                return refusal(answer.file(), reason(why));
            }
        }
        return answer;
    }

    private String reason(LuoException refusal) {
        if (refusal.errno() == Errno.ENOENT) {
            return "the kernel does not keep this kind of file";
        }
        failure = failure == null ? refusal : failure;
        return "the kernel says " + refusal.errno() + ": " + refusal.getMessage();
    }

    /** What was found, in order. */
    List<Answer> answers() {
        return answers;
    }

    /** Whether there is enough memory; empty if it did not come to that. */
    Optional<Finding> memory() {
        return Optional.ofNullable(memory);
    }

    /** The files that are left behind. */
    Map<FileName, Substitute> left() {
        return left;
    }

    /** The files of one fate with their formats and reasons, the first of them by name. */
    String named(Fate fate) {
        List<String> names = answers.stream()
                .filter(answer -> answer.fate() == fate)
                .map(answer -> answer.file().name() + " (" + answer.file().compatible()
                        + (answer.reason().isEmpty() ? "" : ": " + answer.reason()) + ")")
                .toList();
        String some = String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMES)));
        return some + (names.size() > MOST_NAMES ? " and " + (names.size() - MOST_NAMES) + " others" : "");
    }

    /** @throws LuoException naming the files that can't cross: what the kernel said, or EOPNOTSUPP */
    void requireAllOnBoard() throws LuoException {
        if (stuck) {
            throw LuoException.of(
                    failure == null ? Errno.EOPNOTSUPP : failure.errno(),
                    "live update: a kexec can't be crossed by " + named(Fate.STUCK)
                            + "; finish with them, or leave them behind by name or format");
        }
    }
}
