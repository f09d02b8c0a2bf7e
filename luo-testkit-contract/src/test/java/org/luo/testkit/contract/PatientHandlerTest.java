// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import org.luo.LuoException;
import org.luo.linux.Memfd;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** The contract also fits a handler that does not let a file go before its workload is through with it. */
class PatientHandlerTest extends NoteContract {
    @Override
    protected FileHandler handler() {
        return new NoteHandler() {
            @Override
            public Verdict canFinish(PluginState state, Retrieval retrieval) {
                try {
                    boolean through = !retrieval.retrieved() || Memfd.seals(retrieval.fd()) != 0;
                    return through ? Verdict.yes() : Verdict.no("not sealed yet");
                } catch (LuoException e) {
                    return Verdict.no(e.getMessage());
                }
            }
        };
    }

    @Override
    protected void makeFinishable(int fd) throws LuoException {
        Memfd.addSeals(fd, Memfd.F_SEAL_GROW);
    }
}
