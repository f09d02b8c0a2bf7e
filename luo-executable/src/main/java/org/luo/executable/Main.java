// SPDX-License-Identifier: Apache-2.0
package org.luo.executable;

import java.lang.reflect.InvocationTargetException;

/**
 * {@code java -jar luo.jar}: looks whether this Java will do, and goes on in {@code org.luo.framework.Executable}.
 *
 * <p>Compiled for Java 8, and calls the rest by reflection: an older Java prints one line instead of a stack trace.
 */
public final class Main {
    private static final int WANTED = 25;
    private static final int NOT_STARTED = 1;
    private static final String NEXT = "org.luo.framework.Executable";

    private Main() {}

    /**
     * Runs the platform, or a command.
     *
     * @param arguments see {@code org.luo.framework.Executable}
     * @throws Throwable what that throws
     */
    public static void main(String[] arguments) throws Throwable {
        String version = System.getProperty("java.specification.version");
        if (feature(version) < WANTED) {
            System.err.println("luo: needs Java " + WANTED + " or newer; this is Java " + version + ", "
                    + System.getProperty("java.home"));
            System.exit(NOT_STARTED);
        }
        try {
            Class.forName(NEXT).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** 8 of {@code 1.8}, 25 of {@code 25}; 0 if it is neither. */
    static int feature(String version) {
        try {
            return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
