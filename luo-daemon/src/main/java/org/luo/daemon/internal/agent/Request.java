// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.Map;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.Protocol;

/**
 * A line of a client. Members that are not known are ignored: a peer may be newer.
 *
 * @param command what is asked for
 * @param members everything in the line
 */
record Request(String command, Map<String, Object> members) {
    private static final int SHOWN = 200;

    /** @throws LuoException EBADMSG if it is no JSON object · EINVAL if it has no command */
    static Request of(byte[] line) throws LuoException {
        Map<String, Object> members = Protocol.object(line);
        if (members.get("cmd") instanceof String command) {
            return new Request(command, members);
        }
        throw LuoException.of(Errno.EINVAL, "request without a \"cmd\" that is a string");
    }

    /** The session meant, if one is named. */
    Optional<SessionName> id() throws LuoException {
        return switch (members.get("id")) {
            case null -> Optional.empty();
            case String text -> Optional.of(SessionName.of(text));
            default -> throw LuoException.of(Errno.EINVAL, "request whose \"id\" is not a string");
        };
    }

    /** The session meant, which has to be named. */
    SessionName requireId() throws LuoException {
        return id().orElseThrow(
                        () -> LuoException.of(Errno.EINVAL, "request without an \"id\", 1 to 63 bytes of text"));
    }

    /** A whole number within bounds, or what it is if there is none. */
    long number(String name, long otherwise, long min, long max) throws LuoException {
        Object value = members.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long number && number >= min && number <= max) {
            return number;
        }
        throw LuoException.of(
                Errno.EINVAL, "request whose \"" + name + "\" is not a whole number from " + min + " to " + max);
    }

    /** A text, safe to print and not too long, or what it is if there is none. */
    String text(String name, String otherwise) throws LuoException {
        return switch (members.get(name)) {
            case null -> otherwise;
            case String text -> shown(text);
            default -> throw LuoException.of(Errno.EINVAL, "request whose \"" + name + "\" is not a string");
        };
    }

    /** Whether a member is there and true. */
    boolean flag(String name) {
        return Boolean.TRUE.equals(members.get(name));
    }

    /** What a client sent, for messages. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .limit(SHOWN)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
