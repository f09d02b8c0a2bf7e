// SPDX-License-Identifier: Apache-2.0
/**
 * The agent: keeps sessions for programs that cannot drive the orchestrator themselves; docs/agent.md describes the wire.
 *
 * <p>{@link org.luo.daemon.internal.agent.AgentDoor} is the component, a door and a subsystem in one. One thread
 * ({@link org.luo.daemon.internal.agent.Server}) reads every connection and has each line served by the
 * {@link org.luo.daemon.internal.agent.Agent}. At prepare a {@link org.luo.daemon.internal.agent.Round} asks the
 * {@link org.luo.daemon.internal.agent.Subscriptions} to preserve their files; what came over is kept for its owners as
 * {@link org.luo.daemon.internal.agent.Claims}.
 *
 * <p>Lock order: a round's turn, or the server's lock → subscriptions or claims, which are leaves → a connection's
 * sending. The orchestrator is called under no leaf.
 */
package org.luo.daemon.internal.agent;
