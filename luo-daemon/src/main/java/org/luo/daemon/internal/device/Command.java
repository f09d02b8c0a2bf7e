// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.EnumSet;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The ioctls, and what is checked before one is executed, in the kernel's order: number · argument readable · whole
 * command · direction of the session · size · bytes that this version does not know.
 */
enum Command {
    /** {@code {u32 size; s32 fd (out); u8 name[64]}}. */
    CREATE_SESSION(0x00, 72, EnumSet.of(Target.DEVICE)),
    /** {@code {u32 size; s32 fd (out); u8 name[64]}}. */
    RETRIEVE_SESSION(0x01, 72, EnumSet.of(Target.DEVICE)),
    /** {@code {u32 size; s32 fd; u64 token}}. */
    PRESERVE_FD(0x40, 16, EnumSet.of(Target.OUTGOING)),
    /** {@code {u32 size; s32 fd (out); u64 token}}. */
    RETRIEVE_FD(0x41, 16, EnumSet.of(Target.INCOMING)),
    /** {@code {u32 size; u32 reserved}}. */
    FINISH(0x42, 8, EnumSet.of(Target.INCOMING)),
    /** {@code {u32 size; u32 reserved; u8 name[64] (out)}}. */
    GET_NAME(0x43, 72, EnumSet.of(Target.OUTGOING, Target.INCOMING));

    /** What an ioctl is called on. */
    enum Target {
        DEVICE,
        OUTGOING,
        INCOMING
    }

    private static final int TYPE = 0xBA;
    private static final Command[] ALL = values();

    private final int number;
    private final int size;
    private final Set<Target> targets;

    Command(int number, int size, Set<Target> targets) {
        this.number = number;
        this.size = size;
        this.targets = targets;
    }

    /** The ioctl number, whole. */
    int code() {
        return TYPE << 8 | number;
    }

    /** Bytes of the argument, all of which must be given. */
    int size() {
        return size;
    }

    /** @throws LuoException EINVAL · EFAULT · ENOTTY · E2BIG */
    static Command of(Exchange request, Target target) throws LuoException {
        Command command = numbered(request.code() & 0xff, target == Target.DEVICE);
        if (command == null) {
            throw refusal(Errno.EINVAL, request, "no such number");
        }
        if (request.isUnreadable()) {
            throw refusal(Errno.EFAULT, request, "the argument can't be read");
        }
        if (command.code() != request.code()) {
            throw refusal(Errno.ENOTTY, request, "another ioctl's number");
        }
        if (!command.targets.contains(target)) {
            throw refusal(Errno.EINVAL, request, "not for this kind of session");
        }
        if (request.size() < command.size) {
            throw refusal(Errno.EINVAL, request, "size " + request.size() + ", at least " + command.size);
        }
        if (request.isTailUsed(command.size)) {
            throw refusal(Errno.E2BIG, request, "something beyond the " + command.size + " bytes known here");
        }
        if (request.isTailUnreadable()) {
            throw refusal(Errno.EFAULT, request, "not all of the argument can be read");
        }
        return command;
    }

    private static Command numbered(int number, boolean device) {
        for (Command command : ALL) {
            if (command.number == number && command.targets.contains(Target.DEVICE) == device) {
                return command;
            }
        }
        return null;
    }

    private static LuoException refusal(Errno errno, Exchange request, String why) {
        return LuoException.of(errno, "ioctl 0x" + Integer.toHexString(request.code()) + ": " + why);
    }
}
