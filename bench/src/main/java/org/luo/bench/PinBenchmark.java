// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.luo.pin.LeavingException;
import org.luo.pin.PinTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A file pins its handler's bundle and the core's, and lets them go again, beside others that do. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PinBenchmark {
    private static final List<Long> BUNDLES = List.of(7L, 1L);

    /** How many files pin the two already. */
    @Param({"10", "1000", "10000"})
    public int files;

    private PinTable table;
    private Object file;

    /** As if so many files were preserved. */
    @Setup
    public void pinOthers() throws LeavingException {
        table = new PinTable(bundle -> Set.of());
        for (int i = 0; i < files; i++) {
            table.pin(BUNDLES, new Object());
        }
        file = new Object();
    }

    /** Once in and out. */
    @Benchmark
    public void pinAndUnpin() throws LeavingException {
        table.pin(BUNDLES, file);
        table.unpin(BUNDLES, file);
    }
}
