// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;

/** Each reason why there is no device, with what to do about it. */
class MachineTest {
    @TempDir
    private Path root;

    private MachineFiles files;

    @BeforeEach
    void ready() throws Exception {
        files = MachineFiles.ready(root);
    }

    private String why(Errno errno) {
        return files.machine().whyNoDevice(errno);
    }

    private void config(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes());
        }
        Files.write(root.resolve("proc/config.gz"), bytes.toByteArray());
    }

    @Test
    void aKernelThatIsTooOld() throws Exception {
        files.with("proc/sys/kernel/osrelease", "6.18.44\n");
        assertThat(why(Errno.ENOENT)).contains("Linux 6.18.44 is too old, 6.19 is the first");
    }

    @Test
    void aKernelThatWasBuiltWithoutIt() throws Exception {
        config("CONFIG_KEXEC_HANDOVER=y\n# CONFIG_LIVEUPDATE is not set\n");
        assertThat(why(Errno.ENOENT)).contains("built without CONFIG_LIVEUPDATE");
        config("CONFIG_LIVEUPDATE=y\n");
        assertThat(why(Errno.ENOENT)).contains("built without CONFIG_KEXEC_HANDOVER");
    }

    @Test
    void wordsThatAreMissingOnTheCommandLine() throws Exception {
        files.with("proc/cmdline", "quiet kho=on liveupdate\n");
        assertThat(why(Errno.ENOENT)).endsWith("add to the kernel's command line: liveupdate=on");
        files.with("proc/cmdline", "quiet kho=off liveupdate=1\n");
        assertThat(why(Errno.ENOENT)).endsWith("command line: kho=on");
        files.with("proc/cmdline", "quiet liveupdate=on liveupdate=off\n");
        assertThat(why(Errno.ENOENT)).endsWith("command line: kho=on liveupdate=on");
        config("CONFIG_KEXEC_HANDOVER=y\nCONFIG_LIVEUPDATE=y\nCONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT=y\n");
        assertThat(why(Errno.ENOENT)).endsWith("command line: liveupdate=on");
    }

    @Test
    void whoHasTheDevice() throws Exception {
        files.with("proc/17/comm", "lu\u0007od\n");
        Path fds = Files.createDirectories(root.resolve("proc/17/fd"));
        Files.createSymbolicLink(fds.resolve("3"), Path.of("/dev/liveupdate"));
        assertThat(why(Errno.EBUSY)).contains("is open in another process, process 17 (lu?od); one at a time");
    }

    @Test
    void whoHasSessionsByWhatHeCallsHimself() throws Exception {
        assertThat(files.machine().sessionHolders()).isEmpty();
        files.with("proc/325/cmdline", "/sbin/@luo-kexec\0-c\0").with("proc/325/comm", "sh\n");
        Path fds = Files.createDirectories(root.resolve("proc/325/fd"));
        Files.createSymbolicLink(fds.resolve("1"), Path.of("pipe:[17]"));
        Files.createSymbolicLink(fds.resolve("3"), Path.of("anon_inode:[luo_session] org.luo"));
        assertThat(files.machine().sessionHolders()).isEqualTo(", process 325 (@luo-kexec)");
        assertThat(why(Errno.EBUSY)).contains("is open in another process; one at a time");
    }

    @Test
    void howManyLiveUpdatesTheKernelCounts() throws Exception {
        assertThat(files.machine().liveUpdates()).isEmpty();
        files.with("dev/kmsg", "6,1,2,-;Linux version 7.2.13\n");
        assertThat(files.machine().liveUpdates()).isEmpty();
        files.with("dev/kmsg", "6,31,0,-;luo: Retrieved live update data, liveupdate number: 12\n");
        assertThat(files.machine().liveUpdates()).hasValue(12);
        files.with("dev/kmsg", "6,31,0,-;luo: liveupdate number: 1234567890123456789012\n");
        assertThat(files.machine().liveUpdates()).isEmpty();
    }

    @Test
    void whatOnlyARebootOrRootCanHelp() {
        assertThat(why(Errno.EIO)).contains("until the next reboot").contains("7.2.13-luo");
        assertThat(why(Errno.EACCES)).contains("as root");
    }

    @Test
    void whatIsNotThereIsNotKnown() {
        Machine nothing = new Machine(root.resolve("nothing"));
        assertThat(nothing.kernelIsLoaded()).isEmpty();
        assertThat(nothing.mayReboot()).isEmpty();
        assertThat(nothing.availableBytes()).isEmpty();
        assertThat(nothing.release()).isEmpty();
        assertThat(nothing.whyNoDevice(Errno.ENOENT)).contains("kho=on liveupdate=on");
        assertThat(files.machine().mayReboot()).contains(true);
        assertThat(files.machine().kernelIsLoaded()).contains(true);
    }
}
