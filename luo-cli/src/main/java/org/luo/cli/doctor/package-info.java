// SPDX-License-Identifier: Apache-2.0
/**
 * What a machine can preserve and why not the rest. {@link org.luo.cli.doctor.Doctor} asks; it reads files and changes
 * nothing.
 */
package org.luo.cli.doctor;
