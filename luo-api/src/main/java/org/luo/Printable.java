// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Makes bytes that came from elsewhere safe to print: no control characters reach a terminal or a log. */
final class Printable {
    private Printable() {}

    static String of(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (text.codePoints().noneMatch(Printable::isStrange)) {
                return text;
            }
        } catch (CharacterCodingException e) {
            // not text: escaped below
        }
        StringBuilder escaped = new StringBuilder();
        for (byte b : bytes) {
            if (b > ' ' - 1 && b < 0x7f && b != '\\') {
                escaped.append((char) b);
            } else {
                escaped.append(String.format("\\x%02x", b));
            }
        }
        return escaped.toString();
    }

    private static boolean isStrange(int codePoint) {
        return Character.isISOControl(codePoint)
                || codePoint == '\\'
                || !Character.isDefined(codePoint)
                || Character.getType(codePoint) == Character.FORMAT;
    }
}
