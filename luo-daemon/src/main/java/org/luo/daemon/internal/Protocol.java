// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.luo.Errno;
import org.luo.LiveUpdateEvent;
import org.luo.LuoException;

/**
 * The lines of the administration socket, UTF-8 JSON, one object each.
 *
 * <pre>
 * {"command":"status","arguments":{…}}          arguments may be left out
 * {"result":{…}}
 * {"error":{"errno":"EBUSY","number":16,"message":"…"}}
 * </pre>
 *
 * ERESTART means that the request was not taken up, since the platform is being replaced: connect and ask again.
 *
 * <p>The result of {@code events} is followed by a line for each event, until the client sends its next request, or by
 * an error at the end: ERESTART at a live update, ESHUTDOWN if the platform ends.
 *
 * <pre>
 * {"event":{"sequence":7,"time":1767225600000,"type":"file_preserved","subject":"vm1/0x1","details":{…}}}
 * </pre>
 */
public final class Protocol {
    private static final Gson GSON = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    private static final TypeToken<Map<String, Object>> OBJECT = new TypeToken<>() {};
    private static final Set<String> KEYS = Set.of("command", "arguments");

    /**
     * A request.
     *
     * @param command the command's name
     * @param arguments what JSON can say
     */
    record Request(String command, Map<String, Object> arguments) {}

    private Protocol() {}

    /**
     * Reads a request.
     *
     * @throws LuoException EBADMSG if it is not UTF-8 or no JSON object · EINVAL if that is no request
     */
    static Request parse(byte[] line) throws LuoException {
        Map<String, Object> object = object(line);
        if (!(object.get("command") instanceof String command)) {
            throw LuoException.of(Errno.EINVAL, "request without a \"command\" that is a string");
        }
        for (String key : object.keySet()) {
            if (!KEYS.contains(key)) {
                throw LuoException.of(Errno.EINVAL, "request with a key other than \"command\" and \"arguments\"");
            }
        }
        return new Request(command, arguments(object));
    }

    /** The line, with its end, of a result. */
    static byte[] result(Map<String, Object> result) {
        return line(Map.of("result", result));
    }

    /** The line, with its end, of an event. */
    static byte[] event(LiveUpdateEvent event) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("sequence", event.sequence());
        entry.put("time", event.time());
        entry.put("type", event.type().toString());
        entry.put("subject", event.subject());
        entry.put("details", new TreeMap<>(event.details()));
        return line(Map.of("event", entry));
    }

    /** The line, with its end, of a refusal. */
    public static byte[] error(LuoException e) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("errno", e.errno().name());
        error.put("number", (long) e.errno().number());
        error.put("message", e.getMessage());
        return line(Map.of("error", error));
    }

    /** The line, with its end, of any object. */
    public static byte[] line(Map<String, Object> object) {
        return (GSON.toJson(object) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] line) throws LuoException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw LuoException.of(Errno.EBADMSG, "request that is not UTF-8", e);
        }
    }

    /**
     * Reads a line, which has to be one JSON object; numbers are longs where they can be.
     *
     * @throws LuoException EBADMSG
     */
    public static Map<String, Object> object(byte[] line) throws LuoException {
        String text = text(line);
        try {
            Map<String, Object> object = GSON.fromJson(text, OBJECT);
            if (object != null) {
                return object;
            }
        } catch (JsonParseException | NumberFormatException e) {
            throw LuoException.of(Errno.EBADMSG, "request that is no JSON object", e);
        }
        throw LuoException.of(Errno.EBADMSG, "request that is empty");
    }

    @SuppressWarnings("unchecked") // keys of JSON objects are strings
    private static Map<String, Object> arguments(Map<String, Object> request) throws LuoException {
        return switch (request.get("arguments")) {
            case null -> Map.of();
            case Map<?, ?> map -> (Map<String, Object>) map;
            default -> throw LuoException.of(Errno.EINVAL, "request whose \"arguments\" are no object");
        };
    }
}
