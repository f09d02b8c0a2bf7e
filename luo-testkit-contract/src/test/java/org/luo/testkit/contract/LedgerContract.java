// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/** What the contract is told about ledgers: an FLB whose object is the fd of some memory. */
abstract class LedgerContract extends FlbContract<Integer> {
    private static final byte[] MARK = {'l', 'e', 'd', 'g'};

    /** A sound FLB to break. */
    static class LedgerFlb implements Flb<Integer> {
        @Override
        public Compatible compatible() {
            return Compatible.of("ledger-v1");
        }

        @Override
        public Preserved<Integer> preserve() throws LuoException {
            int fd = NoteHandler.create();
            NoteHandler.write(fd, 1);
            return new Preserved<>(fd, PluginState.of(MARK, fd));
        }

        @Override
        public void unpreserve(Integer fd, PluginState state) {
            Fds.close(fd);
        }

        @Override
        public Integer retrieve(Compatible compatible, PluginState state) throws LuoException {
            boolean sound = Arrays.equals(state.data(), MARK) && state.fds().size() == 1;
            if (!sound || Stat.of(state.fds().getFirst()).size() != 4) {
                throw LuoException.of(Errno.EBADMSG, "ledger: " + state);
            }
            return Fds.duplicate(state.fds().getFirst());
        }

        @Override
        public void finish(Integer fd) {
            Fds.close(fd);
        }
    }

    @Override
    protected Flb<Integer> flb() {
        return new LedgerFlb();
    }

    @Override
    protected void write(Integer fd, int number) throws LuoException {
        NoteHandler.write(fd, number);
    }

    @Override
    protected void assertTells(Integer fd, int number) throws LuoException {
        assertThat(NoteHandler.read(fd)).isEqualTo(number);
    }
}
