// SPDX-License-Identifier: Apache-2.0
/** Benchmarks: what a live update costs, beside a C program that does the least that could be done. */
package org.luo.bench;
