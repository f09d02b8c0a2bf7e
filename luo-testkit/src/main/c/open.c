// SPDX-License-Identifier: Apache-2.0
/* Opening the device, and that one opener keeps the others out. */
#include "wire.h"

#include <signal.h>
#include <sys/stat.h>

static int opened(int flags) {
    return (int)RESULT(open(DEVICE, flags, 0600));
}

static void one_way(const char *step, int flags) {
    static const char *const access[] = {"read", "write", "read-write", "none"};
    char name[64];
    int fd = opened(flags);
    say_fd(step, fd);
    if (fd >= 0) {
        snprintf(name, sizeof name, "%s-access", step);
        say(name, "%s", access[fcntl(fd, F_GETFL) & O_ACCMODE]);
        snprintf(name, sizeof name, "%s-create", step);
        int session = create(fd, step);
        say_fd(name, session);
        close(session);
        close(fd);
    }
}

static void modes(void) {
    one_way("read-write", O_RDWR);
    one_way("read-only", O_RDONLY);
    one_way("write-only", O_WRONLY);
    one_way("cloexec", O_RDWR | O_CLOEXEC);
    one_way("nonblock", O_RDWR | O_NONBLOCK);
    one_way("create", O_RDWR | O_CREAT);
    one_way("exclusive", O_RDWR | O_CREAT | O_EXCL);
    one_way("directory", O_RDONLY | O_DIRECTORY);
    one_way("truncate", O_RDWR | O_TRUNC);
}

static void paths(void) {
    struct stat stat_;
    int slash = (int)RESULT(open("/dev//liveupdate", O_RDWR));
    say_fd("double-slash", slash);
    close(slash);
    int dots = (int)RESULT(open("/dev/../dev/liveupdate", O_RDWR));
    say_fd("dots", dots);
    close(dots);
    int directory = open("/dev", O_RDONLY | O_DIRECTORY);
    int relative = (int)RESULT(openat(directory, "liveupdate", O_RDWR));
    say_fd("openat-relative", relative);
    close(relative);
    int absolute = (int)RESULT(openat(directory, DEVICE, O_RDWR));
    say_fd("openat-absolute", absolute);
    close(absolute);
    say_result("stat", RESULT(stat(DEVICE, &stat_)));
    say_result("access", RESULT(access(DEVICE, R_OK | W_OK)));
}

static void path_only(void) {
    int path = opened(O_PATH);
    say_fd("open", path);
    int fd = opened(O_RDWR);
    say_fd("does-not-count", fd);
    struct session_arg arg = {.size = sizeof arg, .name = "path"};
    say_result("create", call(path, CREATE_SESSION, &arg));
}

static void again(const char *step) {
    int fd = opened(O_RDWR | O_CLOEXEC);
    say_fd(step, fd);
    if (fd >= 0) {
        close(fd);
    }
}

static void exclusive(void) {
    int fd = device();
    say_fd("second", opened(O_RDWR));
    say_fd("second-read-only", opened(O_RDONLY));
    pid_t child = branch();
    if (child == 0) {
        say_fd("other-process", opened(O_RDWR));
        _exit(0);
    }
    status_of(child);
    close(fd);
    again("after-close");
}

static void duplicates(void) {
    int fd = device(), copy = dup(fd);
    close(fd);
    say_fd("copy-keeps-it", opened(O_RDWR));
    say_fd("copy-works", create(copy, "duplicates"));
    close(copy);
    again("after-last-close");
}

static void forked(void) {
    int fd = device();
    pid_t child = branch();
    if (child == 0) {
        pause();
    }
    close(fd);
    say_fd("child-keeps-it", opened(O_RDWR));
    end(child);
    again("after-its-death");
}

static void in_flight(void) {
    int ends[2], fd = device();
    socket_pair(ends);
    send_fd(ends[0], fd);
    close(fd);
    say_fd("message-keeps-it", opened(O_RDWR));
    int received = receive_fd(ends[1]);
    say_fd("received-works", create(received, "in-flight"));
    send_fd(ends[0], received);
    close(received);
    say_fd("again-in-flight", opened(O_RDWR));
    close(ends[0]);
    close(ends[1]);
    again("after-the-sockets-close");
}

static void crash(void) {
    pid_t child = branch();
    if (child == 0) {
        int fd = device();
        create(fd, "crash");
        raise(SIGKILL);
    }
    status_of(child);
    int fd = opened(O_RDWR);
    say_fd("open", fd);
    say_fd("name-is-free", create(fd, "crash"));
}

static void close_and_open(void) {
    for (int i = 0; i < 500; i++) {
        int fd = opened(O_RDWR);
        if (fd < 0) {
            say_result("500-times", fd);
            return;
        }
        close(fd);
    }
    say("500-times", "fd");
}

static void sessions_stay(void) {
    int fd = device(), session = create(fd, "stays");
    close(fd);
    say_result("preserve", preserve(session, memfd(0), 1));
    fd = device();
    say_fd("name-is-taken", create(fd, "stays"));
}

/* What counts is who has opened the device, not who asks. */
static void unprivileged(void) {
    int fd = device(), session = create(fd, "unprivileged");
    pid_t child = branch();
    if (child == 0) {
        need(setuid(65534) == 0, "setuid failed");
        say_fd("create", create(fd, "unprivileged-2"));
        say_result("preserve", preserve(session, memfd_with("mine"), 1));
        close(fd);
        say_fd("open", opened(O_RDWR));
        _exit(0);
    }
    status_of(child);
}

static void no_fds_left(void) {
    no_more_fds(0);
    say_fd("open", opened(O_RDWR));
    fds_again();
    again("afterwards");
}

static void next_boot(void) {
    int fd = device();
    say_fd("second", opened(O_RDWR));
    say_fd("create", create(fd, "next-boot"));
    close(fd);
    again("after-close");
}

static void nothing(void) {
}

const struct wire_case open_cases[] = {
    {"open-modes", {modes}},
    {"open-paths", {paths}},
    {"open-path-only", {path_only}},
    {"exclusive", {exclusive}},
    {"exclusive-duplicates", {duplicates}},
    {"exclusive-forked", {forked}},
    {"exclusive-in-flight", {in_flight}},
    {"exclusive-crash", {crash}},
    {"exclusive-close-and-open", {close_and_open}},
    {"device-closed", {sessions_stay}},
    {"unprivileged", {unprivileged}},
    {"open-no-fds-left", {no_fds_left}},
    {"next-boot", {nothing, next_boot}},
    {0},
};
