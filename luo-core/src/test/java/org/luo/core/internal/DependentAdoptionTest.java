// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNFREEZE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.FileDependency;
import org.luo.testkit.RecordingHandler;

/** Handlers of files that depend on others are followed: dependants freeze first and are taken last. */
final class DependentAdoptionTest {
    private Platform platform;
    private RecordingHandler vfio;
    private OutgoingSession vm1;

    /** Device d1 needs iommufd i1, which is preserved first; d2 needs one that is not there yet. */
    @BeforeEach
    void devicesAndTheirIommu() throws Exception {
        platform = Platform.serving();
        vfio = platform.addTo(
                "vendor1",
                handler("vfio").accepting(file -> file.startsWith("d")).depending());
        platform.addTo("vendor1", handler("iommu"));
        vm1 = platform.session("vm1", "m1", "i1");
        int iommu = platform.core.sessions().outgoing().getFirst().files().stream()
                .filter(file -> file.token.equals(Token.of(2)))
                .findFirst()
                .orElseThrow()
                .fd;
        FileDependency needed = new FileDependency("iommufd", platform.fds.identity(iommu));
        int elsewhere = platform.open("i2");
        FileDependency missing = new FileDependency("iommufd", platform.fds.identity(elsewhere));
        platform.fds.close(elsewhere);
        vfio.dependencies(Map.of("d1", List.of(needed), "d2", List.of(missing)));
        platform.preserve(vm1, "d1", 3);
        platform.preserve(vm1, "d2", 4);
        platform.journal.clear();
    }

    private RecordingHandler handler(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds);
    }

    private int adopt(String from) throws Exception {
        return platform.orchestrator.adopt(
                Compatible.of(from), platform.orchestrator.handlers().getLast());
    }

    @Test
    void theDependentOnesMoveAloneAndWhatTheyNeedIsNotTouched() throws Exception {
        platform.add(handler("vfio2").reading("vfio-v1").depending());
        assertThat(adopt("vfio-v1")).isEqualTo(2);
        assertThat(platform.journal.lines()).noneMatch(line -> line.startsWith("iommu."));
        assertThat(platform.journal.lines(FREEZE, PRESERVE))
                .containsExactly("vfio.freeze d1", "vfio.freeze d2", "vfio2.preserve d2", "vfio2.preserve d1");
        assertThat(platform.journal.lines(UNPRESERVE)).containsExactly("vfio.unpreserve d1'", "vfio.unpreserve d2'");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void whatDependsOnThoseThatMoveIsFrozenMeanwhile() throws Exception {
        platform.add(handler("iommu2").reading("iommu-v1"));
        assertThat(adopt("iommu-v1")).isEqualTo(2);
        assertThat(platform.journal.lines(FREEZE, PRESERVE, UNFREEZE))
                .containsExactly(
                        "iommu.freeze m1",
                        "vfio.freeze d1",
                        "iommu.freeze i1",
                        "iommu2.preserve i1",
                        "iommu2.preserve m1",
                        "iommu.unfreeze m1'",
                        "iommu.unfreeze i1'",
                        "vfio.unfreeze d1'");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aFailureUnfreezesThoseToo() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        platform.add(handler("iommu2").reading("iommu-v1")).on(PRESERVE, 2).fails(Errno.ENOMEM);
        refused(Errno.ENOMEM, () -> adopt("iommu-v1"));
        assertThat(platform.journal.lines(UNFREEZE))
                .containsExactly("iommu.unfreeze i1'", "vfio.unfreeze d1'", "iommu.unfreeze m1'");
        assertThat(platform.snapshot().files()).isEqualTo(before.files());
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void bothMoveAtOnceDependenciesFirst() throws Exception {
        platform.addTo(
                "vendor2", handler("devices").reading("vfio-v1", "iommu-v1").depending());
        String from = platform.vendor("vendor1").name();
        assertThat(platform.orchestrator.adoptBundle(
                        from, platform.vendor("vendor2").name()))
                .isEqualTo(4);
        assertThat(platform.journal.lines(FREEZE, PRESERVE))
                .containsSubsequence("vfio.freeze d1", "iommu.freeze i1", "devices.preserve i1", "devices.preserve d1");
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsSubsequence("vfio.unpreserve d1'", "iommu.unpreserve i1'");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void orphansAreTakenThoughNobodyCanSayWhatTheyNeed() throws Exception {
        platform.core.handlers().remove(vfio);
        platform.add(handler("vfio2").reading("vfio-v1").depending());
        assertThat(platform.orchestrator.handlers())
                .extracting(handler -> handler.compatible() + " " + handler.files())
                .containsExactlyInAnyOrder("iommu-v1 2", "vfio2-v1 2");
        vm1.close();
        platform.assertHoldsNothing();
    }
}
