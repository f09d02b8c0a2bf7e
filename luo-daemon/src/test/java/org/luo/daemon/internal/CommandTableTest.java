// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;

class CommandTableTest {
    private final CommandTable table =
            new CommandTable(List.of(new BuiltIn("own", "", List.of("a"), arguments -> Map.of("by", "daemon"))));

    private static AdminCommand command(String name, String by) {
        return Scene.command(name, arguments -> Map.of("by", by));
    }

    @Test
    void commandsComeAndGoAndTheFirstOfANameIsRun() throws LuoException {
        AdminCommand first = command("x.y", "first");
        table.addCommand(first);
        table.addCommand(command("x.y", "second"));
        table.addCommand(command("own", "intruder"));
        assertThat(table.run("x.y", Map.of())).containsEntry("by", "first");
        assertThat(table.run("own", Map.of())).containsEntry("by", "daemon");
        table.removeCommand(first);
        assertThat(table.run("x.y", Map.of())).containsEntry("by", "second");
    }

    @Test
    void anUnknownCommandIsRefusedInPrintableText() {
        assertThatThrownBy(() -> table.run("\u001b[2J" + "x".repeat(1_000), Map.of()))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSYS))
                .hasMessageContaining("'?[2Jxxx")
                .hasMessageContaining("...'");
    }

    @Test
    void anUnknownArgumentIsRefused() {
        assertThatThrownBy(() -> table.run("own", Map.of("b", 1L)))
                .hasMessage("own: no argument 'b'; it takes a [EINVAL]");
    }

    @Test
    void everythingIsListed() throws LuoException {
        table.addCommand(command("x.y", "first"));
        assertThat(table.run("commands", Map.of()).get("commands").toString())
                .contains("name=own")
                .contains("name=commands")
                .contains("name=x.y");
    }
}
