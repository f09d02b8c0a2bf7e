// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.FileDependency;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** Files that others depend on. */
final class DependenciesTest {
    private final Map<String, Integer> fds = new HashMap<>();
    private Platform platform;
    private RecordingHandler vfio;
    private OutgoingSession vm1;
    private OutgoingSession vm2;

    /** Device d1 needs iommufd i1, both in several sessions; memory m1 is on its own. */
    @BeforeEach
    void aDeviceItsIommuAndSomeMemory() throws Exception {
        platform = Platform.serving();
        vfio = handler(platform);
        vm1 = platform.session("vm1");
        vm1.preserve(fd("m1"), Token.of(1));
        vm1.preserve(fd("i1"), Token.of(2));
        vm2 = platform.session("vm2");
        vm2.preserve(fd("d1"), Token.of(1));
        vfio.dependencies(Map.of("d1", List.of(on("i1"))));
        platform.journal.clear();
    }

    private static RecordingHandler handler(Platform platform) throws LuoException {
        return platform.add(new RecordingHandler("vfio", platform.journal, platform.fds).depending());
    }

    private Platform successor() throws LuoException {
        Platform successor = platform.successor();
        handler(successor);
        return successor;
    }

    private int fd(String file) throws LuoException {
        Integer open = fds.get(file);
        if (open == null) {
            open = platform.open(file);
            fds.put(file, open);
        }
        return open;
    }

    private FileDependency on(String file) throws LuoException {
        return new FileDependency("the iommufd of " + file, vfio.identity(fd(file)));
    }

    @Test
    void whatIsMissingIsNamedAndNothingIsFrozen() throws Exception {
        FileDependency i2 = on("i2");
        vfio.dependencies(Map.of("d1", List.of(on("i1"), i2), "m1", List.of(i2)));
        assertThat(refused(Errno.ENOENT, platform.orchestrator::prepare))
                .hasMessage("prepare: vm1/0x1 needs the iommufd of i2, vm2/0x1 needs the iommufd of i2:"
                        + " not preserved; preserve it too, in any session [ENOENT]");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        refused(Errno.ENOENT, () -> platform.update(successor()));
        assertThat(platform.journal.count(Callback.FREEZE)).isZero();
    }

    @Test
    void dependantsAreFrozenBeforeAndUnfrozenAfterWhatTheyDependOn() throws Exception {
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        assertThat(platform.journal.lines(Callback.FREEZE))
                .containsExactly("vfio.freeze m1", "vfio.freeze d1", "vfio.freeze i1");
        platform.orchestrator.cancel();
        assertThat(platform.journal.lines(Callback.UNFREEZE))
                .containsExactly("vfio.unfreeze i1'", "vfio.unfreeze d1'", "vfio.unfreeze m1'");
    }

    @Test
    void whenOneFailsThoseBeforeItAreUnfrozenInReverse() throws Exception {
        vfio.on(Callback.FREEZE, 3).fails(Errno.EIO);
        refused(Errno.EIO, () -> platform.update(successor()));
        assertThat(platform.journal.lines(Callback.UNFREEZE)).containsExactly("vfio.unfreeze d1'", "vfio.unfreeze m1'");
        platform.update(successor());
    }

    @Test
    void circlesAreRefused() throws Exception {
        vfio.dependencies(Map.of("d1", List.of(on("i1")), "i1", List.of(on("d1"))));
        assertThat(refused(Errno.EINVAL, platform.orchestrator::prepare))
                .hasMessageContaining("in a circle, among vm1/0x2, vm2/0x1");
        vfio.dependencies(Map.of("m1", List.of(on("m1"))));
        refused(Errno.EINVAL, platform.orchestrator::prepare);
    }

    @Test
    void aDependencyThatIsLetGoAfterPrepareRefusesTheFreeze() throws Exception {
        platform.orchestrator.prepare();
        vm1.unpreserve(Token.of(2));
        refused(Errno.ENOENT, platform.orchestrator::freeze);
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        assertThat(platform.journal.count(Callback.FREEZE)).isZero();
        vm2.close();
        platform.update(successor());
    }

    @Test
    void whatAFileDependsOnIsRetrievedFirstAndOnce() throws Exception {
        vfio.dependencies(Map.of("d1", List.of(on("i1")), "i1", List.of(on("m1"))));
        platform = platform.update(successor());
        platform = platform.update(successor());
        IncomingSession second = platform.retrieve("vm2");
        second.retrieve(Token.of(1));
        second.retrieve(Token.of(1));
        assertThat(platform.journal.lines(Callback.RETRIEVE))
                .containsExactly("vfio.retrieve m1'", "vfio.retrieve i1'", "vfio.retrieve d1'");
        platform.retrieve("vm1").close();
        second.close();
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void aFileIsNotBroughtBackWithoutWhatItDependsOn() throws Exception {
        Platform successor = platform.successor();
        RecordingHandler there = handler(successor);
        there.on(Callback.RETRIEVE, 1).fails(Errno.EIO);
        platform.update(successor);
        IncomingSession second = successor.retrieve("vm2");
        refused(Errno.EIO, () -> second.retrieve(Token.of(1)));
        refused(Errno.EIO, () -> second.retrieve(Token.of(1)));
        assertThat(platform.journal.lines(Callback.RETRIEVE)).containsExactly("vfio.retrieve i1'");
    }
}
