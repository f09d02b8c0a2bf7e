// SPDX-License-Identifier: Apache-2.0
/** The file handler {@code eventfd-v1}: keeps eventfds, and with them their counters. */
package org.example.eventfd;
