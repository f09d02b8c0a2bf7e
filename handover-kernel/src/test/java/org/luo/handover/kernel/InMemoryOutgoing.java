// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.handover.Draft;
import org.luo.handover.FileName;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Passenger;
import org.luo.handover.PassengerList;
import org.luo.handover.Substitute;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;
import org.luo.spi.Verdict;

/** A double of the orchestrator's outgoing side: a session {@code vm} of memfds, and a record of calls. */
final class InMemoryOutgoing implements OutgoingSide, AutoCloseable {
    static final byte[] BYTES = {1, 2, 3, 4, 5};

    final List<String> calls = new ArrayList<>();
    final List<Passenger> passengers = new ArrayList<>();
    Map<FileName, Substitute> left = Map.of();
    LuoException freezeFails;
    private final Set<Integer> open = new HashSet<>();

    /** Preserves a memfd under the next token. */
    Passenger add(String format, Verdict verdict) throws LuoException {
        return add(format, verdict, open());
    }

    Passenger add(String format, Verdict verdict, OpenFile... files) throws LuoException {
        FileName name = new FileName(SessionName.of("vm"), Token.of(passengers.size() + 1L));
        Passenger passenger = new Passenger(name, Compatible.of(format), List.of(files), verdict);
        passengers.add(passenger);
        return passenger;
    }

    OpenFile open() throws LuoException {
        int fd = Memfd.create("test", Memfd.MFD_ALLOW_SEALING);
        open.add(fd);
        Stat stat = Stat.of(fd);
        return new OpenFile(fd, new FileIdentity(stat.device(), stat.inode()));
    }

    @Override
    public Map<Compatible, List<String>> needs() {
        return Map.of();
    }

    @Override
    public long liveUpdates() {
        return 4;
    }

    @Override
    public void rehearse() {
        throw new UnsupportedOperationException("there is no second process to rehearse with");
    }

    @Override
    public Draft draft() {
        throw new UnsupportedOperationException("no draft is passed");
    }

    @Override
    public PassengerList passengers() {
        calls.add("list");
        return new PassengerList() {
            @Override
            public List<Passenger> passengers() {
                return passengers;
            }

            @Override
            public void close() {
                calls.add("list closed");
            }
        };
    }

    @Override
    public Frozen freeze() {
        throw new UnsupportedOperationException("sockets can't cross");
    }

    @Override
    public Frozen freeze(Draft taken) {
        throw new UnsupportedOperationException("no draft is passed");
    }

    @Override
    public Frozen freezeForKernel(Map<FileName, Substitute> without) throws LuoException {
        if (freezeFails != null) {
            throw freezeFails;
        }
        calls.add("freeze");
        left = without;
        List<OpenFile> files = passengers.stream()
                .filter(passenger -> !without.containsKey(passenger.name()))
                .flatMap(passenger -> passenger.files().stream())
                .toList();
        return new InMemoryFrozen(new Image(ByteBuffer.wrap(BYTES), files));
    }

    @Override
    public void close() {
        open.forEach(Fds::close);
    }

    private final class InMemoryFrozen implements Frozen {
        private final Image image;

        InMemoryFrozen(Image image) {
            this.image = image;
        }

        @Override
        public Image image() {
            return image;
        }

        @Override
        public int sessions() {
            return 1;
        }

        @Override
        public int files() {
            return passengers.size();
        }

        @Override
        public void fence() {
            calls.add("fence");
        }

        @Override
        public void unfreeze() {
            calls.add("unfreeze");
        }

        @Override
        public void relinquish(String successor) {
            calls.add("relinquish to " + successor);
        }
    }
}
