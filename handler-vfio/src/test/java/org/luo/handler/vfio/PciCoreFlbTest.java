// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

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

/** A device in a slot behind two bridges, and one at the root. */
class PciCoreFlbTest {
    private static final String LEAF = "0000:00:02.0/0000:01:00.0/0000:02:00.0";
    private static final String ZEROS = "0".repeat(98);
    private static final String STATE = "devices 4\n"
            + "0000:02:00.0 0000:01:00.0 3412e8110000000000000000000000" + ZEROS + "\n"
            + "0000:01:00.0 0000:00:02.0 3412e8110000000000000000000001" + ZEROS + "\n"
            + "0000:00:02.0 - 3412e8110000000000000000000001" + ZEROS + "\n"
            + "0000:00:1f.0 - 3412e8110000000000000000000000" + ZEROS + "\n";

    @TempDir
    private Path root;

    private PciCoreFlb flb;

    @BeforeEach
    void describeATree() throws IOException {
        flb = new PciCoreFlb(new Sysfs(root));
        describe("0000:00:1f.0", 0);
        describe("0000:00:02.0", 1);
        describe("0000:00:02.0/0000:01:00.0", 1);
        describe(LEAF, 0);
    }

    private void describe(String path, int headerType) throws IOException {
        Path device = root.resolve("devices/pci0000:00").resolve(path);
        Files.createDirectories(device);
        byte[] config = new byte[256];
        System.arraycopy(new byte[] {0x34, 0x12, (byte) 0xe8, 0x11}, 0, config, 0, 4);
        config[0x0e] = (byte) headerType;
        Files.write(device.resolve("config"), config);
        Path links = Files.createDirectories(root.resolve("bus/pci/devices"));
        Files.createSymbolicLink(links.resolve(device.getFileName()), device);
    }

    private void change(String path, int at) throws IOException {
        Path config = root.resolve("devices/pci0000:00").resolve(path).resolve("config");
        byte[] bytes = Files.readAllBytes(config);
        bytes[at] ^= 1;
        Files.write(config, bytes);
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
    void leavesComeBeforeTheRoot() throws Exception {
        var preserved = flb.preserve();
        assertThat(preserved.state()).isEqualTo(state(STATE));
        assertThat(preserved.object().devices())
                .extracting(device -> device.address().toString())
                .containsExactly("0000:02:00.0", "0000:01:00.0", "0000:00:02.0", "0000:00:1f.0");
        assertThat(flb.retrieve(flb.compatible(), preserved.state())).isEqualTo(preserved.object());
    }

    @Test
    void anotherDeviceOrAnotherMappingIsNamed() throws Exception {
        PluginState before = flb.preserve().state();
        change(LEAF, 0x02);
        assertRefused("PCI device 0000:02:00.0 is another one, or is mapped elsewhere", before);
        change(LEAF, 0x02);
        change(LEAF, 0x10);
        assertRefused("PCI device 0000:02:00.0", before);
        change(LEAF, 0x10);
        change("0000:00:02.0", 0x19);
        assertRefused("PCI device 0000:00:02.0", before);
    }

    @Test
    void whatChangesByItselfDoesNotCount() throws Exception {
        PluginState before = flb.preserve().state();
        for (int at : new int[] {0x04, 0x06, 0x0c, 0x3c}) {
            change(LEAF, at);
        }
        change("0000:00:02.0", 0x1e); // a bridge's status
        Files.delete(root.resolve("bus/pci/devices/0000:00:1f.0"));
        flb.retrieve(flb.compatible(), before);
    }

    @Test
    void aMachineWithoutPciSaysSo() throws Exception {
        PciCoreFlb none = new PciCoreFlb(new Sysfs(root.resolve("none")));
        assertThat(none.preserve().state()).isEqualTo(state("devices 0\n"));
        none.retrieve(none.compatible(), none.preserve().state());
    }

    @Test
    void garbledSysfsIsRefused() throws Exception {
        Files.write(root.resolve("devices/pci0000:00/0000:00:1f.0/config"), new byte[63]);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(flb::preserve)
                .withMessageContaining("0000:00:1f.0 shows no configuration space");
        Files.createFile(root.resolve("bus/pci/devices/0000:00:1f.9"));
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(flb::preserve)
                .withMessageContaining("'0000:00:1f.9'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "devices 0",
                "devices 1\n",
                "devices 0\r\n",
                "devices 0\n\n",
                "devices 1\n0000:00:02.0 - 00\n"
            })
    void malformedStatesAreRefused(String text) {
        assertRefused("pci-core state is malformed", state(text));
    }

    @Test
    void linesThatAreMissingTwiceOrInAnotherOrderAreRefused() {
        List<String> lines = STATE.lines().toList();
        String four = "devices 4\n";
        for (int[] order :
                new int[][] {{2, 1, 3, 4}, {1, 2, 4, 3}, {1, 2, 3, 3}, {1, 2, 3}, {1, 2, 4, 4}, {1, 3, 4, 2}}) {
            StringBuilder text = new StringBuilder(four);
            for (int line : order) {
                text.append(lines.get(line)).append('\n');
            }
            assertRefused("pci-core state is malformed", state(text.toString()));
        }
        for (int length = 0; length < STATE.length(); length++) {
            assertRefused("pci-core state is malformed", state(STATE.substring(0, length)));
        }
        assertRefused("1 fd, expected none", PluginState.of(state(STATE).data(), 0));
    }
}
