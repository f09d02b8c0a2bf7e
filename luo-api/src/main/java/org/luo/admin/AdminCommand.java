// SPDX-License-Identifier: Apache-2.0
package org.luo.admin;

import java.util.Map;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One command of the administration socket. Any bundle may add commands by registering services of this type.
 *
 * <p>Shape: arguments and result are what JSON can say: String, Boolean, Long, Double, List and Map of these, null.
 */
@ConsumerType
public interface AdminCommand {
    /** The name, lower case; those of a bundle other than the daemon carry a prefix: {@code workload.preserve}. */
    String name();

    /** One line for people. */
    String description();

    /**
     * Runs the command.
     *
     * <p>Context: on a thread of the connection; may block. Arguments come from outside and must be checked.
     *
     * @throws LuoException with the errno and message the caller shall see
     */
    Map<String, Object> run(Map<String, Object> arguments) throws LuoException;
}
