// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.admin.AdminCommand;

/**
 * {@code show}, {@code unpreserve} and {@code drop}: one session. It is named as the listings print it, so that a name
 * which is no text can be given too.
 */
final class SessionCommands {
    private static final String SESSION = "session";
    private static final String TOKEN = "token";

    private final Orchestration platform;

    SessionCommands(Orchestration platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                new BuiltIn("show", "the sessions of a name, with their files", List.of(SESSION), this::show),
                new BuiltIn(
                        "unpreserve",
                        "lets go of one file of an outgoing session",
                        List.of(SESSION, TOKEN),
                        this::unpreserve),
                new BuiltIn("drop", "finishes an incoming session nobody has claimed", List.of(SESSION), this::drop));
    }

    private Map<String, Object> show(Map<String, Object> arguments) throws LuoException {
        String name = BuiltIn.text(arguments, SESSION);
        Orchestrator orchestrator = platform.orchestrator();
        List<FileInfo> files = orchestrator.files();
        List<Map<String, Object>> found = orchestrator.sessions().stream()
                .filter(session -> session.name().toString().equals(name))
                .map(session -> describe(session, files))
                .toList();
        if (found.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, "show: no session '" + CommandTable.shown(name) + "'");
        }
        return Map.of("sessions", found);
    }

    private static Map<String, Object> describe(SessionInfo session, List<FileInfo> files) {
        List<FileInfo> own = files.stream()
                .filter(file -> file.session().equals(session.name()) && file.direction() == session.direction())
                .toList();
        Map<String, Object> entry = Listings.describe(session, own);
        entry.put("files", own.stream().map(Listings::describe).toList());
        return entry;
    }

    private Map<String, Object> unpreserve(Map<String, Object> arguments) throws LuoException {
        Token token = Token.parse(BuiltIn.text(arguments, TOKEN));
        SessionName session = session(arguments, Direction.OUTGOING);
        platform.orchestrator().unpreserve(session, token);
        return Map.of(SESSION, session.toString(), TOKEN, token.toString());
    }

    private Map<String, Object> drop(Map<String, Object> arguments) throws LuoException {
        SessionName session = session(arguments, Direction.INCOMING);
        platform.orchestrator().drop(session);
        return Map.of(SESSION, session.toString());
    }

    /** The session that is printed so; if there is none, the core may say so about the text. */
    private SessionName session(Map<String, Object> arguments, Direction direction) throws LuoException {
        String name = BuiltIn.text(arguments, SESSION);
        Optional<SessionName> printed = platform.orchestrator().sessions().stream()
                .filter(session -> session.direction() == direction)
                .map(SessionInfo::name)
                .filter(session -> session.toString().equals(name))
                .findFirst();
        return printed.isPresent() ? printed.get() : SessionName.of(name);
    }
}
