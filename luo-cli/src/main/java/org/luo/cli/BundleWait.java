// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Waits until no file needs a bundle any more, which gets no new ones meanwhile.
 *
 * <p>The platform is told so again and again, each time for a few seconds: if this program dies, the bundle takes files
 * as before. It goes on across a live update.
 */
final class BundleWait implements AutoCloseable {
    private static final long LEASE_MILLIS = 5_000;
    private static final long PERIOD_MILLIS = 200;

    private final AdminClient client;
    private final Duration patience;
    private final PrintWriter progress;
    private String bundle;
    private long told = -1;

    /** @param progress where to say what it waits for, or null */
    BundleWait(AdminClient client, String bundle, Duration patience, PrintWriter progress) {
        this.client = client;
        this.bundle = bundle;
        this.patience = patience;
        this.progress = progress;
    }

    /**
     * When it returns, nothing needs the bundle; and nothing will, until this is closed.
     *
     * @throws AdminException ETIMEDOUT, naming the files, if that takes too long
     */
    void await() throws IOException, AdminException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Map<String, Object> answer = drain(LEASE_MILLIS);
            bundle = Json.text(answer, "name"); // a successor may have given it another id
            long files = Json.number(answer, "files");
            if (files == 0) {
                return;
            }
            String which = which(answer, files);
            if (System.nanoTime() > deadline) {
                throw new AdminException(
                        "ETIMEDOUT", 110, "waited " + Patience.text(patience) + ", and " + which + " [ETIMEDOUT]");
            }
            tell(files, which);
            pause();
        }
    }

    private static String which(Map<String, Object> answer, long files) {
        List<String> first = Json.texts(answer, "first");
        String more = files > first.size() ? " and " + (files - first.size()) + " more" : "";
        return Amount.of(files, "file") + (files == 1 ? " needs " : " need ") + Json.text(answer, "name") + ": "
                + Table.printable(String.join(", ", first)) + more;
    }

    private void tell(long files, String which) {
        if (progress != null && files != told) {
            progress.println("luo: " + which);
            progress.flush();
            told = files;
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PERIOD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Map<String, Object> drain(long millis) throws IOException, AdminException {
        return client.call("bundle.drain", Map.of("bundle", bundle, "millis", millis));
    }

    /** What is there takes files again. */
    @Override
    public void close() {
        try {
            drain(0);
        } catch (IOException | AdminException e) {
            // the bundle is gone, or it ends by itself in a moment
        }
    }
}
