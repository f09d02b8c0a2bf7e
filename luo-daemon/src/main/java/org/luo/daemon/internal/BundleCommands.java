// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
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

/** {@code bundles} and {@code bundle.…}: what is installed, and how that is changed. */
final class BundleCommands {
    private static final long LONGEST_DRAIN_MILLIS = 60_000;
    private static final int NAMED = 8;

    private final Platform platform;
    private final BundleChanges changes;
    private final BundleListing listing;

    BundleCommands(Platform platform) {
        this.platform = platform;
        this.changes = new BundleChanges(platform);
        this.listing = new BundleListing(platform);
    }

    List<AdminCommand> all() {
        return List.of(
                command("bundles", "the bundles, how many files pin each, and the deploy folder", listing::list),
                command(
                        "bundle.install",
                        "installs the bundle in a file and starts it",
                        this::install,
                        "file",
                        "dry_run"),
                command(
                        "bundle.update",
                        "updates a bundle from a file, or from where it came from; adopt moves what it holds",
                        this::update,
                        "bundle",
                        "file",
                        "adopt",
                        "dry_run"),
                command("bundle.uninstall", "uninstalls a bundle", this::uninstall, "bundle", "dry_run"),
                command("bundle.stop", "stops a bundle, by id or name", this::stop, "bundle", "dry_run"),
                command("bundle.start", "starts a bundle, by id or name", this::start, "bundle"),
                command(
                        "bundle.drain",
                        "lets a bundle take no new files for so many ms, and tells of those that need it",
                        this::drain,
                        "bundle",
                        "millis"),
                command(
                        "bundle.adopt",
                        "replaces a bundle, by id or name, by the version in a file, which adopts what it holds",
                        arguments -> adopt(find(arguments), BundleFile.of(BuiltIn.text(arguments, "file"))),
                        "bundle",
                        "file"));
    }

    private static AdminCommand command(String name, String description, BuiltIn.Body body, String... parameters) {
        return new BuiltIn(name, description, List.of(parameters), body);
    }

    private Map<String, Object> install(Map<String, Object> arguments) throws LuoException {
        BundleFile file = BundleFile.of(BuiltIn.text(arguments, "file"));
        List<Bundle> present = BundleConverter.matching(platform.context(), file.symbolicName());
        if (!present.isEmpty()) {
            throw LuoException.of(
                    Errno.EEXIST,
                    "install of " + file.path() + ": " + shown(present.getFirst()) + " is there; update it");
        }
        if (BuiltIn.flag(arguments, "dry_run")) {
            return new BundlePlan(platform, changes, "install").install(file);
        }
        return listing.describe(changes.install(file));
    }

    private Map<String, Object> update(Map<String, Object> arguments) throws LuoException {
        BundleFile file = arguments.containsKey("file") ? BundleFile.of(BuiltIn.text(arguments, "file")) : null;
        Bundle bundle = target(arguments, file);
        boolean adopt = BuiltIn.flag(arguments, "adopt");
        if (file == null && adopt) {
            throw LuoException.of(Errno.EINVAL, "bundle.update: to adopt, it takes a file");
        }
        if (BuiltIn.flag(arguments, "dry_run")) {
            BundlePlan plan = new BundlePlan(platform, changes, adopt ? "adopt" : "update");
            return adopt ? plan.adopt(bundle, file) : plan.change(bundle, file, true);
        }
        if (adopt) {
            return adopt(bundle, file);
        }
        String before = bundle.getVersion().toString();
        changes.update(bundle, file);
        Map<String, Object> answer = listing.describe(bundle);
        answer.put("was", before);
        return answer;
    }

    /** The bundle that is named, or else that the file is of. */
    private Bundle target(Map<String, Object> arguments, BundleFile file) throws LuoException {
        boolean named = file == null || arguments.containsKey("bundle");
        Bundle bundle = find(named ? BuiltIn.text(arguments, "bundle") : file.symbolicName());
        if (file != null && !file.symbolicName().equals(bundle.getSymbolicName())) {
            throw LuoException.of(
                    Errno.EINVAL,
                    "update of bundle " + shown(bundle) + ": " + file.path() + " is of "
                            + CommandTable.shown(file.symbolicName()));
        }
        return bundle;
    }

    private Map<String, Object> adopt(Bundle old, BundleFile file) throws LuoException {
        String before = old.getVersion().toString();
        BundleAdoption.Adopted adopted = new BundleAdoption(platform, old).run(file.path());
        Map<String, Object> answer = listing.describe(adopted.bundle());
        answer.put("was", before);
        answer.put("files", (long) adopted.files());
        if (platform.folder() != null) {
            keep(adopted.bundle(), file, answer);
        }
        return answer;
    }

    /** The files have moved already: that a successor won't have the jar is no reason to move them back. */
    private void keep(Bundle bundle, BundleFile file, Map<String, Object> answer) {
        try {
            platform.folder().keep(bundle.getBundleId(), file.path());
        } catch (BundleException | IOException e) {
            answer.put("note", "could not be put into the deploy folder, so a successor will not have it: " + e);
        }
    }

    private Map<String, Object> uninstall(Map<String, Object> arguments) throws LuoException {
        Bundle bundle = find(arguments);
        if (BuiltIn.flag(arguments, "dry_run")) {
            return new BundlePlan(platform, changes, "uninstall").change(bundle, null, true);
        }
        Map<String, Object> answer = listing.describe(bundle);
        boolean forGood = changes.uninstall(bundle);
        answer.put("state", BundleListing.state(bundle));
        answer.put("version", bundle.getVersion().toString());
        answer.put("pinned", 0L);
        if (!forGood && bundle.getState() == Bundle.UNINSTALLED) {
            answer.put("note", "the next start installs it again if it is still at " + bundle.getLocation());
        } else if (!forGood) {
            answer.put("note", "its jar has left the deploy folder; the bundle is what it was without that");
        }
        return answer;
    }

    private Map<String, Object> stop(Map<String, Object> arguments) throws LuoException {
        Bundle bundle = find(arguments);
        if (BuiltIn.flag(arguments, "dry_run")) {
            return new BundlePlan(platform, changes, "stop").change(bundle, null, false);
        }
        changes.stop(bundle);
        return listing.describe(bundle);
    }

    private Map<String, Object> start(Map<String, Object> arguments) throws LuoException {
        Bundle bundle = find(arguments);
        changes.started(bundle);
        return listing.describe(bundle);
    }

    private Map<String, Object> drain(Map<String, Object> arguments) throws LuoException {
        Bundle bundle = find(arguments);
        PinTable pins = platform.pins()
                .orElseThrow(() ->
                        LuoException.of(Errno.EAGAIN, "drain of " + shown(bundle) + ": there is no orchestrator"));
        if (!(arguments.get("millis") instanceof Long millis) || millis < 0 || millis > LONGEST_DRAIN_MILLIS) {
            throw LuoException.of(
                    Errno.EINVAL, "argument 'millis': a number from 0 to " + LONGEST_DRAIN_MILLIS + " is needed");
        }
        platform.drains().drain(pins, bundle.getBundleId(), millis);
        PinTable.Need need = pins.need(bundle.getBundleId(), NAMED);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", bundle.getBundleId());
        answer.put("name", bundle.getSymbolicName());
        answer.put("files", (long) need.count());
        answer.put("first", need.first());
        return answer;
    }

    private Bundle find(Map<String, Object> arguments) throws LuoException {
        return find(BuiltIn.text(arguments, "bundle"));
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

    static String shown(Bundle bundle) {
        return bundle.getSymbolicName() + " [" + bundle.getBundleId() + "]";
    }
}
