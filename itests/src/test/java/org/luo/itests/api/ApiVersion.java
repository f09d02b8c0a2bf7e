// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.api;

import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether a package's version says what has changed in it since it was recorded.
 *
 * <p>An incompatible change needs a higher major version, or below 1.0.0 a higher minor one; a compatible one a higher
 * minor version, or below 1.0.0 none. What is incompatible is bnd's to say: a new method is, where others implement the
 * interface ({@code @ConsumerType}), and is not where only we do ({@code @ProviderType}). A package that is not recorded
 * could change unseen, so that is a problem too.
 */
final class ApiVersion {
    private ApiVersion() {}

    /** What is wrong, a line for each package; empty if nothing is. */
    static List<String> problems(Map<String, Tree> recorded, Map<String, Tree> now) {
        List<String> problems = new ArrayList<>();
        new TreeMap<>(recorded).forEach((name, tree) -> {
            if (now.containsKey(name)) {
                check(name, tree, now.get(name), problems);
            } else {
                problems.add(
                        name + " is gone: no bundle that imports it resolves. Put it back, or record that it is gone");
            }
        });
        now.keySet().stream()
                .filter(name -> !recorded.containsKey(name))
                .map(name -> name + " is exported and not recorded. Record it: "
                        + "mvn -B -DskipUnitTests -Dit.test=ApiIT -Dapi.record=new verify")
                .forEach(problems::add);
        return problems;
    }

    private static void check(String name, Tree recorded, Tree now, List<String> problems) {
        Diff diff = now.diff(recorded);
        Version before = version(recorded);
        Version version = version(now);
        Version needed = needed(before, diff.getDelta());
        if (version.compareTo(needed) < 0) {
            problems.add(name + " " + version + ", recorded as " + before + ", has changed: "
                    + String.join("; ", changes(diff, diff.getDelta())) + ". Take that back, or raise the version to "
                    + needed + " in its package-info.java");
        }
    }

    static Version version(Tree tree) {
        return Arrays.stream(tree.getChildren())
                .filter(child -> child.getType() == Type.VERSION)
                .map(child -> Version.parseVersion(child.getName()).getWithoutQualifier())
                .findFirst()
                .orElseThrow();
    }

    private static Version needed(Version before, Delta delta) {
        boolean unstable = before.getMajor() == 0;
        return switch (delta) {
            case MAJOR, REMOVED ->
                unstable ? new Version(0, before.getMinor() + 1, 0) : new Version(before.getMajor() + 1, 0, 0);
            case MINOR, ADDED -> unstable ? before : new Version(before.getMajor(), before.getMinor() + 1, 0);
            default -> before;
        };
    }

    /** The parts that make up a change, without those that contain them. */
    private static List<String> changes(Diff diff, Delta delta) {
        List<String> changes = new ArrayList<>();
        for (Diff child : diff.getChildren()) {
            boolean leaf = child.getDelta() == Delta.ADDED || child.getDelta() == Delta.REMOVED;
            Delta weight = child.getDelta() == Delta.REMOVED
                    ? child.getOlder().ifRemoved()
                    : leaf ? child.getNewer().ifAdded() : child.getDelta();
            if (weight == delta) {
                changes.addAll(leaf ? List.of(described(diff, child)) : changes(child, delta));
            }
        }
        return changes;
    }

    private static String described(Diff parent, Diff child) {
        String how = child.getDelta() == Delta.ADDED ? " added" : " removed";
        return parent.getType() == Type.PACKAGE
                ? child.getName() + how
                : parent.getName() + ": " + child.getName() + how;
    }
}
