// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;

/** The commands about sessions and live updates, at a real core that keeps real files. */
class OrchestrationCommandsTest {
    private static final long PID = ProcessHandle.current().pid();

    private Generation platform;
    private OutgoingSession session;
    private int memory;

    @TempDir
    private Path dir;

    @BeforeEach
    void preserve() throws LuoException {
        memory = Memfd.create("guest", 0);
        FileIo.truncate(memory, 12_288);
        platform = Generation.start();
        session = platform.orchestrator.createSession(SessionName.of("vm1"));
        session.preserve(memory, Token.of(1));
    }

    @AfterEach
    void close() {
        Fds.close(memory);
    }

    private Map<String, Object> run(String command, Map<String, Object> arguments) throws LuoException {
        return platform.commands.run(command, arguments);
    }

    private void refused(Errno errno, String why, String command, Map<String, Object> arguments) {
        assertThatThrownBy(() -> run(command, arguments))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(why);
    }

    @SuppressWarnings("unchecked") // a list of JSON objects
    private static List<Map<String, Object>> list(Map<String, Object> result, String key) {
        return (List<Map<String, Object>>) result.get(key);
    }

    @Test
    void stepsLeadFromStateToState() throws LuoException {
        assertThat(run("state", Map.of())).containsEntry("state", "normal").containsEntry("live_updates", 0L);
        refused(Errno.EINVAL, "freeze: the state is normal, not prepared", "freeze", Map.of());
        assertThat(run("prepare", Map.of())).containsEntry("state", "prepared");
        assertThat(run("freeze", Map.of())).containsEntry("state", "frozen");
        assertThat(list(run("files", Map.of()), "files")).extracting("phase").containsExactly("frozen");
        assertThat(run("cancel", Map.of())).containsEntry("state", "normal");
        refused(Errno.EINVAL, "cancel", "cancel", Map.of());
        refused(Errno.EINVAL, "finish", "finish", Map.of());
        refused(Errno.EINVAL, "prepare: no argument 'x'", "prepare", Map.of("x", 1L));
    }

    @Test
    void aSessionIsShownWithItsFilesAndOwner() throws LuoException {
        assertThat(list(run("sessions", Map.of()), "sessions"))
                .singleElement()
                .satisfies(entry -> assertThat(entry)
                        .containsEntry("name", "vm1")
                        .containsEntry("carried", 0L)
                        .containsEntry("files", 1L)
                        .containsEntry("bytes", 12_288L)
                        .containsEntry("state_bytes", 72L));
        Map<String, Object> shown =
                list(run("show", Map.of("session", "vm1")), "sessions").getFirst();
        assertThat(shown).containsEntry("direction", "outgoing").containsEntry("claimed", true);
        assertThat(list(shown, "files"))
                .singleElement()
                .satisfies(file -> assertThat(file)
                        .containsEntry("token", "0x1")
                        .containsEntry("bytes", 12_288L)
                        .containsEntry("bundle", "memfds [2]")
                        .containsKey("preserved_at"));
        refused(Errno.ENOENT, "no session 'vm2'", "show", Map.of("session", "vm2"));
        refused(Errno.EINVAL, "a string is needed", "show", Map.of());
    }

    @Test
    void aNameThatIsNoTextIsGivenAsItIsPrinted() throws LuoException {
        OutgoingSession strange =
                platform.orchestrator.createSession(SessionName.of(new byte[] {'a', 0x1b, (byte) 0xff}));
        int other = Memfd.create("other", 0);
        strange.preserve(other, Token.of(-1));
        Fds.close(other);
        assertThat(list(run("show", Map.of("session", "a\\x1b\\xff")), "sessions"))
                .hasSize(1);
        run("unpreserve", Map.of("session", "a\\x1b\\xff", "token", "0xffffffffffffffff"));
        assertThat(platform.orchestrator.files()).hasSize(1);
    }

    @Test
    void oneFileIsLetGo() throws LuoException {
        refused(Errno.ENOENT, "", "unpreserve", Map.of("session", "vm1", "token", 2L));
        refused(Errno.ENOENT, "", "unpreserve", Map.of("session", "vm2", "token", 1L));
        refused(Errno.EINVAL, "token '-1'", "unpreserve", Map.of("session", "vm1", "token", -1L));
        assertThat(run("unpreserve", Map.of("session", "vm1", "token", 1L))).containsEntry("token", "0x1");
        assertThat(platform.orchestrator.files()).isEmpty();
        session.preserve(memory, Token.of(1));
    }

    @Test
    void whatNobodyClaimedIsCarriedShownAndDropped() throws LuoException {
        platform = platform.update().update();
        assertThat(run("state", Map.of())).containsEntry("state", "updated").containsEntry("incoming", List.of("vm1"));
        assertThat(list(run("sessions", Map.of()), "sessions"))
                .singleElement()
                .satisfies(
                        entry -> assertThat(entry).containsEntry("carried", 1L).containsEntry("claimed", false));
        assertThat(run("finish", Map.of())).containsEntry("incoming", List.of("vm1"));
        assertThat(run("drop", Map.of("session", "vm1"))).containsEntry("session", "vm1");
        assertThat(platform.orchestrator.sessions()).isEmpty();
        refused(Errno.ENOENT, "", "drop", Map.of("session", "vm1"));
        assertThat(run("stats", Map.of())).containsEntry("done", 2L).containsEntry("failed", 0L);
    }

    @Test
    void aFileOfAProcessIsCheckedAndNoneIsLeft() throws Exception {
        int disk = FileIo.open(Files.createFile(dir.resolve("disk")), FileIo.O_RDWR, 0);
        int spare = Memfd.create("spare", 0);
        long before = Scene.settledFds();
        assertThat(run("check", Map.of("pid", PID, "fd", (long) spare)))
                .containsEntry("kept_by", "memfd-p1")
                .containsEntry("file", "/memfd:spare (deleted)");
        Map<String, Object> refusal = run("check", Map.of("pid", PID, "fd", (long) disk));
        assertThat(refusal).containsEntry("kept_by", null);
        assertThat(list(refusal, "verdicts"))
                .singleElement()
                .satisfies(verdict ->
                        assertThat(verdict).containsEntry("takes", false).containsEntry("bundle", "memfds [2]"));
        Fds.close(disk);
        Fds.close(spare);
        refused(Errno.EBADF, "fd 999999", "check", Map.of("pid", PID, "fd", 999_999L));
        refused(Errno.EINVAL, "pid", "check", Map.of("fd", 1L));
        refused(Errno.EINVAL, "fd", "check", Map.of("pid", PID, "fd", -1L));
        refused(Errno.EINVAL, "fd", "check", Map.of("pid", PID, "fd", 1L << 40));
        refused(Errno.EINVAL, "process 0", "check", Map.of("pid", 0L, "fd", 1L));
        assertThat(Scene.settledFds()).isEqualTo(before - 2);
    }

    @Test
    void aSuccessorIsAskedWithoutAnyChange() throws LuoException {
        platform.offer(Generation.withoutHandlers());
        refused(Errno.ENOENT, "", "check.successor", Map.of("kind", "memory"));
        refused(Errno.EOPNOTSUPP, "rocket", "check.successor", Map.of("kind", "rocket"));
        platform.offer(Generation.standby());
        assertThat(run("check.successor", Map.of("kind", "memory"))).containsEntry("takes", true);
        assertThat(run("state", Map.of())).containsEntry("state", "normal");
        assertThat(platform.orchestrator.files()).hasSize(1);
    }
}
