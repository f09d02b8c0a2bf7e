// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.List;
import org.luo.Compatible;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/** The contract also fits a handler whose files need an FLB. */
class NeedyHandlerTest extends NoteContract {
    @Override
    protected FileHandler handler() {
        return new NoteHandler() {
            @Override
            public List<Compatible> flbs() {
                return List.of(Compatible.of("ledger-v1"));
            }
        };
    }

    @Override
    protected List<Flb<?>> newFlbs() {
        return List.of(new LedgerContract.LedgerFlb());
    }
}
