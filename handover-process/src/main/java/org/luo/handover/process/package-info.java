// SPDX-License-Identifier: Apache-2.0
/**
 * The process handover: a successor JVM is started beside this one and takes over.
 *
 * <p>{@link org.luo.handover.process.ProcessHandover} is the predecessor's half and
 * {@link org.luo.handover.process.Successor} the other; they speak the protocol of
 * {@link org.luo.handover.process.Message} over a SOCK_SEQPACKET socket.
 */
package org.luo.handover.process;
