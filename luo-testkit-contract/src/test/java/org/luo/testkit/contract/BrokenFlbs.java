// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/** FLBs with one fault each, under contract. */
final class BrokenFlbs {
    private BrokenFlbs() {}

    static class ForgetsToUndo extends LedgerContract {
        @Override
        protected Flb<Integer> flb() {
            return new LedgerFlb() {
                @Override
                public void unpreserve(Integer fd, PluginState state) {}
            };
        }
    }

    static class ForgetsToFinish extends LedgerContract {
        @Override
        protected Flb<Integer> flb() {
            return new LedgerFlb() {
                @Override
                public void finish(Integer fd) {}
            };
        }
    }

    static class TrustsItsState extends LedgerContract {
        @Override
        protected Flb<Integer> flb() {
            return new LedgerFlb() {
                @Override
                public Integer retrieve(Compatible compatible, PluginState state) throws LuoException {
                    return Fds.duplicate(state.fds().getFirst());
                }
            };
        }
    }

    static class StartsAnew extends LedgerContract {
        @Override
        protected Flb<Integer> flb() {
            return new LedgerFlb() {
                @Override
                public Integer retrieve(Compatible compatible, PluginState state) throws LuoException {
                    Fds.close(super.retrieve(compatible, state));
                    return preserve().object();
                }
            };
        }
    }
}
