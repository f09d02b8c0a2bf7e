// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

/** The two machines whose system call numbers and structures are known here. */
enum Platform {
    X86_64,
    AARCH64;

    private static final Platform CURRENT = of(System.getProperty("os.name"), System.getProperty("os.arch"));

    /** The machine this runs on. */
    static Platform current() {
        return CURRENT;
    }

    /** Whichever of two numbers belongs to this machine. */
    static int pick(int x86, int aarch64) {
        return CURRENT == X86_64 ? x86 : aarch64;
    }

    /** @throws UnsupportedOperationException if it is not one of the two */
    static Platform of(String os, String arch) {
        if ("Linux".equals(os)) {
            switch (arch) {
                case "amd64", "x86_64":
                    return X86_64;
                case "aarch64":
                    return AARCH64;
                default:
            }
        }
        throw new UnsupportedOperationException("needs Linux on x86-64 or aarch64, this is " + os + " on " + arch);
    }
}
