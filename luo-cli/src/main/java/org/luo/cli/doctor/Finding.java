// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One thing that was looked at.
 *
 * @param area what it belongs to, such as {@code devices}
 * @param what was looked at, such as {@code iommufd}
 * @param status what it means for live updates
 * @param found what there is, in a few words
 * @param remedy what to do about it, as a command where there is one; empty if nothing is to be done
 */
public record Finding(String area, String what, Status status, String found, String remedy) {
    /** What a finding means. */
    public enum Status {
        /** As it should be. */
        OK,
        /** Files of this kind can't be kept here as things are; everything else goes on. */
        NO,
        /** Can't be had anywhere. */
        NEVER,
        /** The machine does not say. */
        UNKNOWN,
        /** The platform itself lacks something. */
        FAULT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String area, String what, String found) {
        return new Finding(area, what, Status.OK, found, "");
    }

    static Finding no(String area, String what, String found, String remedy) {
        return new Finding(area, what, Status.NO, found, remedy);
    }

    static Finding fault(String area, String what, String found, String remedy) {
        return new Finding(area, what, Status.FAULT, found, remedy);
    }

    /** As one element of the answer in JSON. */
    public Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("area", area);
        object.put("what", what);
        object.put("status", status.toString());
        object.put("found", found);
        object.put("remedy", remedy);
        return object;
    }
}
