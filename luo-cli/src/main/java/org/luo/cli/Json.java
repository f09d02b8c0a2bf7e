// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON objects as maps: String, Boolean, Long, Double, List and Map, as the protocol has them. */
final class Json {
    private static final Gson GSON = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    private static final TypeToken<Map<String, Object>> OBJECT = new TypeToken<>() {};

    private Json() {}

    static String write(Map<String, ?> object) {
        return GSON.toJson(object);
    }

    static Map<String, Object> parse(String line) throws IOException {
        try {
            Map<String, Object> object = GSON.fromJson(line, OBJECT);
            if (object != null) {
                return object;
            }
        } catch (JsonParseException e) {
            throw new IOException("the platform answered what is no JSON object: " + excerpt(line), e);
        }
        throw new IOException("the platform answered nothing");
    }

    private static String excerpt(String line) {
        return line.length() <= 80 ? line : line.substring(0, 80) + "...";
    }

    /** The text under a key; a number or boolean in its usual form, nothing as the empty string. */
    static String text(Map<String, ?> object, String key) {
        return switch (object.get(key)) {
            case null -> "";
            case List<?> list ->
                String.join(", ", list.stream().map(String::valueOf).toList());
            case Object value -> value.toString();
        };
    }

    /** The texts in the array under a key. */
    static List<String> texts(Map<String, ?> object, String key) {
        return object.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** The whole number under a key; 0 if there is none. */
    static long number(Map<String, ?> object, String key) {
        return object.get(key) instanceof Number number ? number.longValue() : 0;
    }

    /** The number under a key; 0 if there is none. */
    static double decimal(Map<String, ?> object, String key) {
        return object.get(key) instanceof Number number ? number.doubleValue() : 0;
    }

    /** The object under a key. */
    @SuppressWarnings("unchecked") // keys of JSON objects are strings
    static Optional<Map<String, Object>> object(Map<String, ?> object, String key) {
        return object.get(key) instanceof Map<?, ?> map ? Optional.of((Map<String, Object>) map) : Optional.empty();
    }

    /** The objects in the array under a key; other elements are left out. */
    @SuppressWarnings("unchecked") // keys of JSON objects are strings
    static List<Map<String, Object>> objects(Map<String, ?> object, String key) {
        return object.get(key) instanceof List<?> list
                ? list.stream()
                        .filter(Map.class::isInstance)
                        .map(element -> (Map<String, Object>) element)
                        .toList()
                : List.of();
    }
}
