// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.LinkedHashMap;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * Reads the little JSON that an agent says: one object with texts, numbers, true, false and null, and objects of the same.
 * Lists are read and dropped. What is no JSON is refused with the place.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
final class JsonLine {
    private static final int DEEPEST = 8;

    private final String text;
    private int at;

    private JsonLine(String text) {
        this.text = text;
    }

    /**
     * The members of the object that a line is. Objects within it are maps, all else is text.
     *
     * @throws LuoException EBADMSG with the place and what is wrong there
     */
    static Map<String, Object> parse(String line) throws LuoException {
        JsonLine reader = new JsonLine(line);
        reader.skipBlanks();
        Map<String, Object> members = reader.object(0);
        reader.skipBlanks();
        if (reader.at != line.length()) {
            throw reader.wrong("more behind the object");
        }
        return members;
    }

    private Map<String, Object> object(int depth) throws LuoException {
        expect('{');
        Map<String, Object> members = new LinkedHashMap<>();
        if (isNext('}')) {
            return members;
        }
        do {
            skipBlanks();
            String name = string();
            skipBlanks();
            expect(':');
            if (members.put(name, value(depth + 1)) != null) {
                throw wrong("second member of the same name");
            }
        } while (isNext(','));
        expect('}');
        return members;
    }

    private Object value(int depth) throws LuoException {
        skipBlanks();
        if (depth > DEEPEST) {
            throw wrong("nested too deep");
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '"' -> string();
            case '[' -> list(depth);
            default -> word();
        };
    }

    private String list(int depth) throws LuoException {
        expect('[');
        if (!isNext(']')) {
            do {
                value(depth + 1);
            } while (isNext(','));
            expect(']');
        }
        return "";
    }

    private String word() throws LuoException {
        int from = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (from == at) {
            throw wrong("no value");
        }
        return text.substring(from, at);
    }

    private String string() throws LuoException {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (peek() != '"') {
            char next = text.charAt(at++);
            if (next < ' ') {
                throw wrong("control character in a text");
            }
            string.append(next == '\\' ? escaped() : next);
        }
        at++;
        return string.toString();
    }

    private char escaped() throws LuoException {
        char escape = peek();
        at++;
        return switch (escape) {
            case '"', '\\', '/' -> escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw wrong("unknown escape");
        };
    }

    private char hexadecimal() throws LuoException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("no hexadecimal digit");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** Skips blanks, and that character if it comes next. */
    private boolean isNext(char wanted) {
        skipBlanks();
        boolean is = at < text.length() && text.charAt(at) == wanted;
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char wanted) throws LuoException {
        skipBlanks();
        if (peek() != wanted) {
            throw wrong("not '" + wanted + "'");
        }
        at++;
    }

    private char peek() throws LuoException {
        if (at >= text.length()) {
            throw wrong("it ends");
        }
        return text.charAt(at);
    }

    private LuoException wrong(String what) {
        return LuoException.of(Errno.EBADMSG, "line of JSON at " + at + ": " + what);
    }
}
