// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/** {@code bundles}, {@code bundle.stop}, {@code bundle.start} and {@code bundle.adopt}. */
final class BundleCommands {
    private static final List<String> PARAMETERS = List.of("bundle");

    private final Platform platform;

    /** Starts or stops a bundle. */
    @FunctionalInterface
    private interface Change {
        void of(Bundle bundle) throws BundleException, LuoException;
    }

    BundleCommands(Platform platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                new BuiltIn("bundles", "the bundles, and how many files pin each", List.of(), this::list),
                new BuiltIn(
                        "bundle.stop", "stops a bundle, by id or name", PARAMETERS, a -> change(a, "stop", this::stop)),
                new BuiltIn(
                        "bundle.start",
                        "starts a bundle, by id or name",
                        PARAMETERS,
                        a -> change(a, "start", Bundle::start)),
                new BuiltIn(
                        "bundle.adopt",
                        "replaces a bundle, by id or name, by the version in a file, which adopts what it holds",
                        List.of("bundle", "file"),
                        this::adopt));
    }

    private Map<String, Object> adopt(Map<String, Object> arguments) throws LuoException {
        Bundle old = find(BuiltIn.text(arguments, "bundle"));
        Path jar = path(BuiltIn.text(arguments, "file"));
        BundleAdoption.Adopted adopted = new BundleAdoption(platform, old).run(jar);
        Map<String, Object> answer = describe(adopted.bundle(), adopted.files());
        answer.put("files", (long) adopted.files());
        return answer;
    }

    private static Path path(String text) throws LuoException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw LuoException.of(Errno.EINVAL, "argument 'file': no path", e);
        }
    }

    private Map<String, Object> list(Map<String, Object> arguments) throws LuoException {
        Map<Long, Integer> pinned = platform.pins().map(PinTable::pinned).orElse(Map.of());
        return Map.of(
                "bundles",
                Arrays.stream(platform.context().getBundles())
                        .map(bundle -> describe(bundle, pinned.getOrDefault(bundle.getBundleId(), 0)))
                        .toList());
    }

    private static Map<String, Object> describe(Bundle bundle, int pinned) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", bundle.getBundleId());
        entry.put("name", bundle.getSymbolicName());
        entry.put("version", bundle.getVersion().toString());
        entry.put("state", state(bundle));
        entry.put("pinned", (long) pinned);
        return entry;
    }

    private Map<String, Object> change(Map<String, Object> arguments, String operation, Change change)
            throws LuoException {
        Bundle bundle = find(BuiltIn.text(arguments, "bundle"));
        try {
            change.of(bundle);
        } catch (BundleException e) {
            String what = operation + " of bundle " + shown(bundle);
            String why = reason(e);
            throw LuoException.of(errno(e), why.startsWith(what) ? why : what + ": " + why, e);
        }
        return Map.of("id", bundle.getBundleId(), "name", bundle.getSymbolicName(), "state", state(bundle));
    }

    private void stop(Bundle bundle) throws BundleException, LuoException {
        try (var _ = platform.leave("stop", bundle)) {
            bundle.stop();
        }
    }

    private Bundle find(String wanted) throws LuoException {
        List<Bundle> found = BundleConverter.matching(platform.context(), wanted);
        if (found.size() == 1) {
            return found.getFirst();
        }
        throw found.isEmpty()
                ? LuoException.of(Errno.ENOENT, "no bundle '" + CommandTable.shown(wanted) + "'")
                : LuoException.of(Errno.EINVAL, "several bundles are called so; give the id: " + found);
    }

    /** The bundles that are not up: neither active nor fragments. */
    static List<String> inactive(BundleContext context) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                .filter(bundle -> bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null)
                .map(BundleCommands::shown)
                .toList();
    }

    /** Why the framework refused, without the errno, which goes beside it. */
    static String reason(BundleException e) {
        Throwable cause = e.getCause() == null || e.getMessage() != null ? e : e.getCause();
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return withoutErrno(message);
    }

    static String withoutErrno(String message) {
        return message.startsWith("EBUSY: ") ? message.substring("EBUSY: ".length()) : message;
    }

    private static Errno errno(BundleException e) {
        return e.getType() == BundleException.REJECTED_BY_HOOK ? Errno.EBUSY : Errno.EIO;
    }

    static String shown(Bundle bundle) {
        return bundle.getSymbolicName() + " [" + bundle.getBundleId() + "]";
    }

    private static String state(Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.ACTIVE -> "active";
            case Bundle.RESOLVED -> "resolved";
            case Bundle.INSTALLED -> "installed";
            case Bundle.STARTING -> "starting";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }
}
