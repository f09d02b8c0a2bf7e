// SPDX-License-Identifier: Apache-2.0
/**
 * The device {@code /dev/liveupdate}, emulated over a socket; docs/wire.md describes the wire.
 *
 * <p>{@link org.luo.daemon.internal.device.DeviceDoor} is the component, {@link org.luo.daemon.internal.device.Device} what
 * is there while it is open. Every socket is an {@link org.luo.daemon.internal.device.Endpoint}; the threads that serve
 * them ({@link org.luo.daemon.internal.device.Workers}) wait in one epoll, and whichever gets a request executes and
 * answers it. {@link org.luo.daemon.internal.device.Command} is the table of ioctls,
 * {@link org.luo.daemon.internal.device.Exchange} the layout of a request and its reply.
 */
package org.luo.daemon.internal.device;
