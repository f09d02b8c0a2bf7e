// SPDX-License-Identifier: Apache-2.0
/*
 * The only process of the test machine, pid 1: runs the stage that the kernel command line names, then goes into the
 * next one by kexec, with the same kernel and initramfs, or switches the machine off.
 *
 * The answers go out through the second serial port, so that nothing the kernel prints gets between them. A line that
 * starts with # says how far it got.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LAST_STAGE 3
#define STAGE "wire.stage="

static int port;

static void note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dprintf(port, "# ");
    vdprintf(port, format, arguments);
    dprintf(port, "\n");
    va_end(arguments);
}

static void switch_off(const char *why) {
    note("%s", why);
    tcdrain(port);
    sync();
    reboot(RB_POWER_OFF);
    _exit(1);
}

static void set_up(void) {
    static const struct {
        const char *type, *where, *options;
    } systems[] = {
        {"devtmpfs", "/dev", ""},
        {"proc", "/proc", ""},
        {"sysfs", "/sys", ""},
        {"tmpfs", "/dev/shm", ""},
        {"9p", "/share", "trans=virtio,version=9p2000.L"},
    };
    mkdir("/share", 0755);
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        mkdir(systems[i].where, 0755);
        if (mount(strcmp(systems[i].type, "9p") ? systems[i].type : "share", systems[i].where, systems[i].type, 0,
                systems[i].options) < 0) {
            fprintf(stderr, "init: %s: %s\n", systems[i].where, strerror(errno));
        }
    }
    port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    if (port >= 0 && tcgetattr(port, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(port, TCSANOW, &raw);
    }
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){65536, 65536});
}

static int stage_of(const char *line) {
    const char *stage = strstr(line, STAGE);
    return stage ? atoi(stage + strlen(STAGE)) : 1;
}

static void ask(int stage) {
    char number[2] = {(char)('0' + stage), 0};
    char *const arguments[] = {"/share/luo-wire-suite", "--machine", "--stage", number, NULL};
    pid_t child = fork();
    if (child == 0) {
        dup2(port, STDOUT_FILENO);
        execv(arguments[0], arguments);
        _exit(127);
    }
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status) {
        note("stage %d: the suite ended with %d", stage, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        switch_off("failed");
    }
    tcdrain(port);
}

static void go_on(int next, char *line) {
    char *stage = strstr(line, STAGE);
    if (stage) {
        stage[strlen(STAGE)] = (char)('0' + next);
    }
    int kernel = open("/share/bzImage", O_RDONLY | O_CLOEXEC), initramfs = open("/share/initramfs", O_RDONLY | O_CLOEXEC);
    if (syscall(SYS_kexec_file_load, kernel, initramfs, strlen(line) + 1, line, 0) < 0) {
        note("kexec_file_load: %s", strerror(errno));
        switch_off("failed");
    }
    umount2("/share", MNT_DETACH);
    reboot(RB_KEXEC);
    note("reboot: %s", strerror(errno));
    switch_off("failed");
}

int main(void) {
    char line[1024] = "";
    struct utsname name;
    set_up();
    int file = open("/proc/cmdline", O_RDONLY);
    ssize_t length = read(file, line, sizeof line - 1);
    close(file);
    line[length > 0 ? length - 1 : 0] = 0;
    uname(&name);
    int stage = stage_of(line);
    note("stage %d on Linux %s", stage, name.release);
    ask(stage);
    if (stage < LAST_STAGE) {
        go_on(stage + 1, line);
    }
    switch_off("complete");
}
