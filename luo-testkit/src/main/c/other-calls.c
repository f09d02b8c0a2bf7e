// SPDX-License-Identifier: Apache-2.0
/* What can be done with the fds of the device and of a session, other than the six commands. */
#include "wire.h"

#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>

static void interrupt(int signal) {
    (void)signal;
}

/* What a call answers; one that would wait for ever is interrupted. */
#define BOUNDED(call) (arm(), RESULT(call))

static void arm(void) {
    struct sigaction action = {.sa_handler = interrupt};
    struct itimerval soon = {.it_value = {.tv_usec = 300000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void say_events(const char *step, int fd) {
    struct pollfd asked = {.fd = fd, .events = POLLIN | POLLOUT};
    int result = (int)RESULT(poll(&asked, 1, 0));
    say(step, "%d%s%s%s", result, asked.revents & POLLIN ? " in" : "", asked.revents & POLLOUT ? " out" : "",
        asked.revents & (POLLERR | POLLHUP) ? " hang-up" : "");
}

static const char *kind_of(mode_t mode) {
    return S_ISCHR(mode) ? "character device" : S_ISSOCK(mode) ? "socket" : mode & S_IFMT ? "other" : "none";
}

/* Where the link in /proc leads, without the numbers in it. */
static void say_link(int fd) {
    char link[32], name[128] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    need(readlink(link, name, sizeof name - 1) > 0, "readlink failed");
    say("link", "%s", strncmp(name, "socket:", 7) ? name : "socket");
}

static void other_calls(int fd) {
    char byte = 0, path[32];
    struct stat stat;
    need(fstat(fd, &stat) == 0, "fstat failed");
    say("kind", "%s", kind_of(stat.st_mode));
    say_link(fd);
    say_events("poll", fd);
    say_result("seek", RESULT(lseek(fd, 0, SEEK_SET)));
    void *memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    say_result("map", memory == MAP_FAILED ? -errno : 0);
    say_result("truncate", RESULT(ftruncate(fd, 0)));
    say_result("sync", RESULT(fsync(fd)));
    say_result("read", BOUNDED(read(fd, &byte, 1)));
    say_result("write", BOUNDED(write(fd, &byte, 1)));
    say_result("pread", BOUNDED(pread(fd, &byte, 1, 0)));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    say_fd("reopen", RESULT(open(path, O_RDWR)));
    say_result("lock", RESULT(flock(fd, LOCK_EX | LOCK_NB)));
    say_result("set-nonblock", RESULT(fcntl(fd, F_SETFL, O_NONBLOCK)));
    say_result("terminal", call(fd, TIOCGWINSZ, &(struct winsize){0}));
}

static void device_calls(void) {
    int fd = device();
    other_calls(fd);
    say_fd("still-works", create(fd, "other-calls"));
}

static void session_calls(void) {
    int session = outgoing("session-calls");
    other_calls(session);
    say_result("still-works", preserve(session, memfd(0), 1));
}

const struct wire_case other_call_cases[] = {
    {"device-calls", {device_calls}},
    {"session-calls", {session_calls}},
    {0},
};
