// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.LuoException;
import org.luo.linux.Sysfs;
import org.luo.spi.PluginState;

class IommuCoreFlbTest {
    private static final String STATE = """
        units 2 groups 3
        unit dmar0 address=fed90000 cap=d2008c22260286 ecap=f00f4a version=1:0
        unit smmu3.0x100
        group 0 0000:00:00.0
        group 3 0000:00:1f.0 0000:00:1f.2
        group 12
        """;

    @TempDir
    private Path root;

    private IommuCoreFlb flb;

    @BeforeEach
    void describeAMachine() throws Exception {
        flb = new IommuCoreFlb(new Sysfs(root));
        write("class/iommu/dmar0/intel-iommu/address", "fed90000");
        write("class/iommu/dmar0/intel-iommu/cap", "d2008c22260286");
        write("class/iommu/dmar0/intel-iommu/ecap", "f00f4a");
        write("class/iommu/dmar0/intel-iommu/version", "1:0");
        write("class/iommu/dmar0/intel-iommu/domains_used", "7");
        Files.createDirectories(root.resolve("class/iommu/smmu3.0x100"));
        for (String device : List.of("0/devices/0000:00:00.0", "3/devices/0000:00:1f.0", "3/devices/0000:00:1f.2")) {
            Files.createDirectories(root.resolve("kernel/iommu_groups").resolve(device));
        }
        Files.createDirectories(root.resolve("kernel/iommu_groups/12/devices"));
    }

    private void write(String attribute, String value) throws IOException {
        Path path = root.resolve(attribute);
        Files.createDirectories(path.getParent());
        Files.writeString(path, value + "\n");
    }

    private static PluginState state(String text) {
        return PluginState.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void assertRefused(String message, PluginState state) {
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> flb.retrieve(flb.compatible(), state))
                .withMessageContaining(message);
    }

    @Test
    void theLayoutIsThis() throws Exception {
        var preserved = flb.preserve();
        assertThat(preserved.state()).isEqualTo(state(STATE));
        assertThat(flb.retrieve(flb.compatible(), preserved.state())).isEqualTo(preserved.object());
    }

    @Test
    void aMachineWithoutAnIommuSaysSo() throws Exception {
        IommuCoreFlb none = new IommuCoreFlb(new Sysfs(root.resolve("none")));
        assertThat(none.preserve().state()).isEqualTo(state("units 0 groups 0\n"));
        none.retrieve(none.compatible(), none.preserve().state());
    }

    @Test
    void whatHasChangedIsNamed() throws Exception {
        PluginState before = flb.preserve().state();
        write("class/iommu/dmar0/intel-iommu/cap", "0");
        assertRefused("IOMMU dmar0 is [address=fed90000, cap=0,", before);
        write("class/iommu/dmar0/intel-iommu/cap", "d2008c22260286");
        Files.delete(root.resolve("class/iommu/smmu3.0x100"));
        Files.createDirectory(root.resolve("kernel/iommu_groups/0/devices/0000:09:00.0"));
        assertRefused(
                "retrieve iommu-core: IOMMU smmu3.0x100 is gone;"
                        + " group 0 has [0000:00:00.0, 0000:09:00.0], had [0000:00:00.0]",
                before);
    }

    @Test
    void groupsComeAndGoWithTheirDevices() throws Exception {
        PluginState before = flb.preserve().state();
        Files.createDirectories(root.resolve("kernel/iommu_groups/99/devices/0000:09:00.0"));
        Files.delete(root.resolve("kernel/iommu_groups/0/devices/0000:00:00.0"));
        write("class/iommu/dmar1/intel-iommu/cap", "1");
        flb.retrieve(flb.compatible(), before);
    }

    @Test
    void garbledSysfsIsRefused() throws Exception {
        write("class/iommu/dmar0/intel-iommu/ecap", "f00f4a\ngroup 7");
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> flb.preserve())
                .withMessageContaining("ecap is not as the kernel writes it: 'f00f4a?group 7'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "units 0 groups 0",
                "units 1 groups 0\n",
                "units 0 groups 0\nunit a\n",
                "units 0 groups 2\ngroup 2\ngroup 1\n",
                "units 0 groups 1\ngroup 01\n",
                "units 0 groups 1\ngroup 1  a\n",
                "units 1 groups 0\nunit a b\n",
                "units 0 groups 0\n\n",
                "units 0 groups 0\r\n",
                "units 0 groups 1\ngroup 4294967296\n"
            })
    void malformedStatesAreRefused(String text) {
        assertRefused("iommu-core state is malformed", state(text));
    }

    @Test
    void longLinesAreReadOrRefusedLikeOthers() throws Exception {
        String devices = " 0000:00:00.0".repeat(100_000);
        IommuCoreCodec.decode(
                state("units 0 groups 1\ngroup 5" + devices + "\n").data());
        assertRefused("malformed", state("units 0 groups 1\ngroup 5" + " #".repeat(100_000) + "\n"));
        assertRefused("with 1 fd, expected none", PluginState.of(state(STATE).data(), 0));
    }
}
