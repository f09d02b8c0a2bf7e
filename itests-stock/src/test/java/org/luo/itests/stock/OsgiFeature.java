// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The OSGi feature in the distribution.
 *
 * @param json as it is
 * @see <a href="https://docs.osgi.org/specification/osgi.cmpn/8.1.0/service.feature.html">Feature Service</a>
 */
record OsgiFeature(JsonObject json) {
    static OsgiFeature read() throws IOException {
        String text = Files.readString(Run.HOME.resolve("features/osgi.json"));
        return new OsgiFeature(JsonParser.parseString(text).getAsJsonObject());
    }

    /** {@code group:artifact:version} of each. */
    List<String> bundles() {
        Iterable<JsonElement> bundles = json.getAsJsonArray("bundles");
        return StreamSupport.stream(bundles.spliterator(), false)
                .map(bundle -> bundle.getAsJsonObject().get("id").getAsString())
                .toList();
    }

    /** The files of these bundles in the distribution. */
    List<String> files() {
        return bundles().stream()
                .map(id -> id.split(":"))
                .map(id -> id[1] + "-" + id[2] + ".jar")
                .toList();
    }
}
