// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.handover.Keeper.Outcome;
import org.luo.handover.Rescue;
import org.luo.handover.Rescue.Snapshot;
import org.luo.linux.Fds;
import org.luo.linux.ListenFds.Named;
import org.luo.linux.Memfd;
import org.luo.linux.ServiceManager;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.testkit.NoFdLeft;

/** What the manager keeps, told to a real socket, and what comes back of it: all of it or nothing. */
@ExtendWith(NoFdLeft.class)
class ShelfTest {
    private static final int MOST = 10;

    private final List<OpenFile> files = new ArrayList<>();
    private FakeManager manager;
    private Store store;
    private Shelf shelf;
    private byte bytes;

    /** Takes what it gets. */
    private static final class Incoming implements IncomingSide {
        final List<Image> images = new ArrayList<>();
        boolean fails;

        @Override
        public Set<Compatible> readable() {
            return Set.of();
        }

        @Override
        public void rehearse() {
            // nothing to warm up
        }

        @Override
        public void touch() {
            // no freeze is waited for
        }

        @Override
        public void anticipate(Image draft) {
            throw new UnsupportedOperationException("a crash has no draft");
        }

        @Override
        public void deserialize(Image image) throws LuoException {
            if (fails) {
                throw LuoException.of(Errno.ENOENT, "deserialize: nothing reads vm/0x1");
            }
            images.add(image);
        }

        @Override
        public void serve() {
            // nothing to serve
        }

        @Override
        public void publish() {
            // nobody to tell
        }
    }

    @BeforeEach
    void start() throws Exception {
        manager = new FakeManager();
        shelf = new Shelf(manager.manager(), MOST);
        store = new Store(manager.environment(MOST));
        open();
        open();
    }

    @AfterEach
    void end() throws Exception {
        shelf.close();
        store.close();
        files.forEach(file -> Fds.close(file.fd()));
        manager.close();
    }

    private OpenFile open() throws LuoException {
        int fd = Memfd.create("file", 0);
        Stat stat = Stat.of(fd);
        files.add(new OpenFile(fd, new FileIdentity(stat.device(), stat.inode())));
        return files.getLast();
    }

    private Snapshot snapshot() throws LuoException {
        Map<OpenFile, Integer> copies = new HashMap<>();
        for (OpenFile file : files) {
            if (shelf.isWanted(file)) {
                copies.put(file, Fds.duplicate(file.fd()));
            }
        }
        return new Snapshot(ByteBuffer.wrap(new byte[] {++bytes}), files, copies, List.of());
    }

    private void keep() throws LuoException {
        Snapshot snapshot = snapshot();
        try {
            shelf.keep(snapshot);
        } finally {
            snapshot.copies().values().forEach(Fds::close);
        }
        await(manager);
    }

    private static void await(FakeManager manager) throws LuoException {
        try (ServiceManager.Conversation conversation = manager.manager().connect()) {
            conversation.await();
        }
    }

    private String name(int index) {
        return Ledger.name(files.get(index).identity());
    }

    private Outcome restore(List<Named> handedIn, Incoming incoming) {
        return new StoreKeeper(store, Map.of()).restore(handedIn, incoming);
    }

    @Test
    void filesComeBeforeTheLedgerThatNamesThemAndGoAfterTheOneBefore() throws Exception {
        keep();
        assertThat(manager.told().subList(0, 2)).containsExactlyInAnyOrder("+" + name(0), "+" + name(1));
        assertThat(manager.told().get(2)).isEqualTo("+luo-state-1");
        OpenFile gone = files.removeFirst();
        keep();
        assertThat(manager.told())
                .containsSubsequence("+luo-state-2", "-luo-state-1", "-" + Ledger.name(gone.identity()));
        assertThat(manager.names()).containsExactly(name(0), "luo-state-2");
        Fds.close(gone.fd());
    }

    @Test
    void aFileIsToldOnceAndAnotherOpenFileOfItInItsPlace() throws Exception {
        keep();
        keep();
        assertThat(manager.told())
                .filteredOn(line -> line.equals("+" + name(0)))
                .hasSize(1);
        OpenFile before = files.removeFirst();
        files.addFirst(new OpenFile(before.fd(), before.identity()));
        keep();
        assertThat(manager.told()).containsSubsequence("-" + name(0), "+" + name(0), "+luo-state-3");
        assertThat(manager.names()).containsExactlyInAnyOrder(name(0), name(1), "luo-state-3");
    }

    @Test
    void moreThanTheManagerTakesIsNotKeptAtAll() throws Exception {
        keep();
        while (files.size() <= MOST) {
            open();
        }
        LuoException refusal = catchThrowableOfType(LuoException.class, this::keep);
        assertThat(refusal.errno()).isEqualTo(Errno.ENOSPC);
        assertThat(refusal).hasMessageContaining("keeps 10 files, and 14 are needed");
        await(manager);
        assertThat(manager.names()).isEmpty();
    }

    @Test
    void nothingIsChangedInABlackoutAndASuccessorGoesOnWithIt() throws Exception {
        keep();
        Shelf.Inventory inventory = shelf.pause();
        OpenFile late = open();
        CompletableFuture<Void> keeping = CompletableFuture.runAsync(() -> {
            try {
                keep();
            } catch (LuoException e) {
                throw new IllegalStateException(e);
            }
        });
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(manager.names()).containsExactlyInAnyOrder(name(0), name(1), "luo-state-1");
        Shelf successor = new Shelf(manager.manager(), MOST);
        int fd = Fds.duplicate(inventory.ledger());
        successor.inherit(Ledger.read(fd), fd, inventory.underWay());
        shelf.close();
        assertThat(keeping.handle((done, failed) -> failed.getMessage()).get()).contains("it is the successor's");
        shelf = successor;
        files.remove(late);
        Fds.close(late.fd());
        Fds.close(files.removeFirst().fd());
        keep();
        assertThat(manager.names()).containsExactlyInAnyOrder(name(0), "luo-state-2");
    }

    @Test
    void afterACrashAllOfItComesBack() throws Exception {
        keep();
        Incoming incoming = new Incoming();
        assertThat(restore(manager.handIn(), incoming)).isEqualTo(Outcome.TAKEN);
        Image image = incoming.images.getFirst();
        assertThat(image.crashed()).isTrue();
        assertThat(image.anew()).isFalse();
        assertThat(image.bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
        assertThat(image.files())
                .extracting(OpenFile::identity)
                .containsExactly(files.get(0).identity(), files.get(1).identity());
        assertThat(store.status()).containsEntry("files", 2L).containsEntry("refused", "");
        image.files().forEach(file -> Fds.close(file.fd()));
    }

    @Test
    void whateverMomentItCrashesAtOneLedgerIsWhole() throws Exception {
        keep();
        List<Named> both = manager.handIn();
        Fds.close(files.removeFirst().fd());
        open();
        keep();
        List<Named> all = new ArrayList<>(both);
        for (Named file : manager.handIn()) {
            if (both.stream().noneMatch(other -> other.name().equals(file.name()))) {
                all.add(file);
            } else {
                Fds.close(file.fd());
            }
        }
        Incoming incoming = new Incoming();
        assertThat(restore(all, incoming)).isEqualTo(Outcome.TAKEN);
        assertThat(incoming.images.getFirst().bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {2}));
        incoming.images.getFirst().files().forEach(file -> Fds.close(file.fd()));
    }

    private void refused(String why, List<Named> handedIn) throws Exception {
        List<String> told = manager.told();
        Incoming incoming = new Incoming();
        incoming.fails = why.contains("nothing reads");
        assertThat(restore(handedIn, incoming)).isEqualTo(Outcome.REFUSED);
        assertThat(incoming.images).isEmpty();
        assertThat(store.refused().why()).hasMessageContaining(why);
        assertThat(handedIn)
                .allSatisfy(file -> assertThat(Fds.isOpen(file.fd())).isTrue());
        Rescue rescue = wanted -> new Snapshot(ByteBuffer.allocate(0), List.of(), Map.of(), List.of());
        store.setRescue(rescue);
        TimeUnit.MILLISECONDS.sleep(50);
        assertThat(manager.told()).as("nothing is changed").isEqualTo(told);
        store.discard();
        store.await();
        assertThat(manager.names())
                .doesNotContainAnyElementsOf(handedIn.stream().map(Named::name).toList())
                .isNotEmpty();
        store.unsetRescue(rescue);
    }

    private List<Named> kept() throws LuoException {
        keep();
        return new ArrayList<>(manager.handIn());
    }

    @Test
    void aFileThatIsMissingRefusesAll() throws Exception {
        List<Named> handedIn = kept();
        Fds.close(handedIn.removeFirst().fd());
        refused("is missing", handedIn);
    }

    @Test
    void soDoesAFileThatIsAnother() throws Exception {
        List<Named> handedIn = kept();
        Fds.close(handedIn.getFirst().fd());
        handedIn.set(
                0, new Named(Memfd.create("foreign", 0), handedIn.getFirst().name()));
        refused("after a kexec no file is the same", handedIn);
    }

    @Test
    void soDoesAFileThatIsThereTwice() throws Exception {
        List<Named> handedIn = kept();
        handedIn.add(new Named(
                Fds.duplicate(handedIn.getFirst().fd()), handedIn.getFirst().name()));
        refused("two files are called luo-file-", handedIn);
    }

    @Test
    void soDoesALedgerThatIsMissingForeignOrCalledOtherwise() throws Exception {
        List<Named> handedIn = kept();
        Named ledger = handedIn.removeLast();
        handedIn.add(new Named(ledger.fd(), "luo-state-7"));
        refused("luo-state-7 is ledger 1", handedIn);
    }

    @Test
    void soDoesNoLedger() throws Exception {
        List<Named> handedIn = kept();
        Fds.close(handedIn.removeLast().fd());
        refused("2 files without a ledger", handedIn);
    }

    @Test
    void soDoesALedgerThatNobodyHasSealed() throws Exception {
        List<Named> handedIn = kept();
        Fds.close(handedIn.removeLast().fd());
        handedIn.add(new Named(Memfd.create("foreign", Memfd.MFD_ALLOW_SEALING), "luo-state-1"));
        refused("not sealed", handedIn);
    }

    @Test
    void soDoesAnImageThatTheOrchestratorRefuses() throws Exception {
        refused("nothing reads vm/0x1", kept());
    }

    @Test
    void whatIsOutOfDateIsLetGo() throws Exception {
        keep();
        store.forget(Set.copyOf(manager.names()));
        await(manager);
        assertThat(manager.names()).isEmpty();
        assertThat(new StoreKeeper(store, Map.of()).restore(new Incoming())).isEqualTo(Outcome.NOTHING);
    }

    @Test
    void asADoorItPassesOnWhatItHasPutThere() throws Exception {
        Rescue rescue = wanted -> snapshotFor(wanted);
        store.setRescue(rescue);
        store.await();
        PluginState state = store.freeze();
        assertThat(state.fds()).hasSize(1);
        Store successor = new Store(manager.environment(MOST));
        successor.open(Optional.of(
                new PluginState(state.data(), List.of(Fds.duplicate(state.fds().getFirst())))));
        store.unsetRescue(rescue);
        store.close();
        List<String> before = List.of(name(0), manager.names().getLast());
        Fds.close(files.removeFirst().fd());
        successor.setRescue(rescue);
        successor.await();
        assertThat(manager.names()).contains(name(0)).hasSize(2).doesNotContainAnyElementsOf(before);
        successor.unsetRescue(rescue);
        successor.close();
    }

    private Snapshot snapshotFor(Predicate<OpenFile> wanted) throws LuoException {
        Map<OpenFile, Integer> copies = new HashMap<>();
        for (OpenFile file : files) {
            if (wanted.test(file)) {
                copies.put(file, Fds.duplicate(file.fd()));
            }
        }
        return new Snapshot(ByteBuffer.allocate(1), files, copies, List.of());
    }

    @Test
    void withoutAManagerOrRoomNothingIsOn() {
        for (Map<String, String> environment : List.of(
                Map.<String, String>of(),
                Map.of("FDSTORE", "5"),
                Map.of("NOTIFY_SOCKET", "/run/x"),
                Map.of("NOTIFY_SOCKET", "/run/x", "FDSTORE", "many"),
                Map.of("NOTIFY_SOCKET", "vsock:2:1234", "FDSTORE", "5"))) {
            Store off = new Store(environment);
            assertThat(off.isOn()).as("%s", environment).isFalse();
            assertThatExceptionOfType(LuoException.class)
                    .isThrownBy(off::await)
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
        }
    }
}
