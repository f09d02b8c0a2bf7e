// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.luo.LuoException;
import org.luo.linux.Sysfs;

/**
 * The machine's IOMMUs and how they group devices.
 *
 * @param units each unit's attributes that never change, in words such as {@code cap=d2008c22260286}, by its name
 * @param groups the addresses of each group's devices, by the group's number
 */
record IommuCore(SortedMap<String, List<String>> units, SortedMap<Integer, List<String>> groups) {
    static final String NAME = "[\\w:.-]{1,60}";
    static final String VALUE = "[\\w:.-]{1,200}";

    /** Attributes of Intel's and AMD's units; others have none. */
    private static final Map<String, List<String>> ATTRIBUTES = Map.of(
            "intel-iommu", List.of("address", "cap", "ecap", "version"), "amd-iommu", List.of("cap", "features"));

    /** As sysfs says it now. Empty on a machine without an IOMMU. */
    static IommuCore read(Sysfs sysfs) throws LuoException {
        SortedMap<String, List<String>> units = new TreeMap<>();
        Path ofUnits = sysfs.root().resolve("class/iommu");
        for (String unit : sysfs.names(ofUnits, NAME)) {
            units.put(unit, attributes(sysfs, ofUnits.resolve(unit)));
        }
        SortedMap<Integer, List<String>> groups = new TreeMap<>();
        Path ofGroups = sysfs.root().resolve("kernel/iommu_groups");
        for (String group : sysfs.names(ofGroups, "\\d{1,9}")) {
            groups.put(
                    Integer.valueOf(group), sysfs.names(ofGroups.resolve(group).resolve("devices"), NAME));
        }
        return new IommuCore(units, groups);
    }

    private static List<String> attributes(Sysfs sysfs, Path unit) throws LuoException {
        List<String> attributes = new ArrayList<>();
        for (String vendor : List.of("intel-iommu", "amd-iommu")) {
            for (String name : ATTRIBUTES.get(vendor)) {
                Optional<String> value = sysfs.text(unit.resolve(vendor).resolve(name), VALUE);
                value.ifPresent(text -> attributes.add(name + "=" + text));
            }
        }
        return attributes;
    }

    /**
     * What of this is not so any more: a unit that has gone or changed, or a group with other devices. Groups come and
     * go with their devices.
     */
    List<String> differences(IommuCore now) {
        List<String> differences = new ArrayList<>();
        units.forEach((name, attributes) -> {
            List<String> found = now.units.get(name);
            if (!attributes.equals(found)) {
                differences.add("IOMMU " + name + " is " + (found == null ? "gone" : found + ", was " + attributes));
            }
        });
        groups.forEach((number, devices) -> {
            List<String> found = now.groups.get(number);
            if (found != null && !found.isEmpty() && !devices.equals(found)) {
                differences.add("group " + number + " has " + found + ", had " + devices);
            }
        });
        return differences;
    }
}
