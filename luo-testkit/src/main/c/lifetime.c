// SPDX-License-Identifier: Apache-2.0
/* How long an outgoing session lives: as long as anybody has it open. */
#include "wire.h"

#include <signal.h>

static void say_aborted(const char *step, int file) {
    int session = outgoing("probe");
    say_result(step, preserve(session, file, 1));
    close(session);
}

static void last_close(void) {
    int session = outgoing("last-close"), file = memfd_with("abc");
    say_result("preserve", preserve(session, file, 1));
    say_aborted("file-is-taken", file);
    close(session);
    say_aborted("file-is-free", file);
    int from = device();
    say_fd("name-is-free", create(from, "last-close"));
}

static void copies(void) {
    int session = outgoing("copies"), copy = dup(session), file = memfd_with("abc");
    preserve(session, file, 1);
    close(session);
    say_aborted("copy-keeps-it", file);
    say_result("copy-works", preserve(copy, memfd(0), 2));
    pid_t child = branch();
    if (child == 0) {
        pause();
    }
    close(copy);
    say_aborted("child-keeps-it", file);
    end(child);
    say_aborted("after-its-death", file);
}

static void in_flight(void) {
    int ends[2], session = outgoing("in-flight"), file = memfd_with("abc");
    socket_pair(ends);
    preserve(session, file, 1);
    send_fd(ends[0], session);
    close(session);
    say_aborted("message-keeps-it", file);
    session = receive_fd(ends[1]);
    say_aborted("received-keeps-it", file);
    say_name("received-works", session);
    send_fd(ends[0], session);
    close(session);
    close(ends[0]);
    close(ends[1]);
    say_aborted("after-the-sockets-close", file);
}

static void handed_over(void) {
    int ends[2], file = memfd_with("abc");
    socket_pair(ends);
    pid_t maker = branch();
    if (maker == 0) {
        send_fd(ends[0], outgoing("handed-over"));
        _exit(0);
    }
    status_of(maker);
    int session = receive_fd(ends[1]);
    say_result("maker-is-gone", preserve(session, file, 1));
    pid_t other = branch();
    if (other == 0) {
        close(file);
        int own = memfd_with("child");
        say_result("child-preserves-its-own", preserve(session, own, 2));
        say_result("child-token-is-taken", preserve(session, own, 1));
        _exit(0);
    }
    status_of(other);
    close(session);
    say_aborted("after-close", file);
}

static void crash(void) {
    int ends[2], file = memfd_with("abc");
    socket_pair(ends);
    pid_t child = branch();
    if (child == 0) {
        int session = outgoing("session-crash");
        preserve(session, file, 1);
        raise(SIGKILL);
    }
    status_of(child);
    say_aborted("file-is-free", file);
    int from = device();
    say_fd("name-is-free", create(from, "session-crash"));
}

/* Becomes the suite anew, which does nothing but hold what it has inherited; returns when it is there. */
static pid_t branch_and_exec(void) {
    int ready[2];
    char byte;
    need(pipe(ready) == 0, "pipe failed");
    pid_t child = branch();
    if (child == 0) {
        dup2(ready[1], STDOUT_FILENO);
        execl("/proc/self/exe", "luo-wire-suite", "--hold", (char *)NULL);
        _exit(1);
    }
    close(ready[1]);
    need(read(ready[0], &byte, 1) == 1, "exec failed");
    close(ready[0]);
    return child;
}

static void exec(void) {
    int session = outgoing("exec"), file = memfd_with("abc");
    preserve(session, file, 1);
    pid_t child = branch_and_exec();
    close(session);
    say_aborted("closed-by-exec", file);
    end(child);
    session = outgoing("exec");
    preserve(session, file, 1);
    fcntl(session, F_SETFD, 0);
    child = branch_and_exec();
    close(session);
    say_aborted("kept-by-exec", file);
    end(child);
    say_aborted("after-its-death", file);
}

static void replaced(void) {
    int session = outgoing("replaced"), other = outgoing("replaced-2"), file = memfd_with("abc");
    preserve(session, file, 1);
    dup2(other, session);
    say_aborted("by-dup2", file);
    say_name("name", session);
    preserve(session, file, 1);
    close(other);
    say_aborted("still-open", file);
}

static void close_and_create(void) {
    int from = device(), file = memfd_with("abc"), result = 0;
    for (int i = 0; i < 200 && result == 0; i++) {
        int session = create(from, "again");
        result = session < 0 ? session : preserve(session, file, 1);
        close(session);
    }
    say_result("200-times", result);
}

static void many(void) {
    int from = device(), made = 0;
    char name[NAME_BYTES];
    many_fds();
    for (; made < 2000; made++) {
        snprintf(name, sizeof name, "many-%d", made);
        if (create(from, name) < 0) {
            break;
        }
    }
    say("created", "%d", made);
    say_fd("first-is-taken", create(from, "many-0"));
    say_fd("last-is-taken", create(from, "many-1999"));
}

const struct wire_case lifetime_cases[] = {
    {"session-last-close", {last_close}},
    {"session-copies", {copies}},
    {"session-in-flight", {in_flight}},
    {"session-handed-over", {handed_over}},
    {"session-crash", {crash}},
    {"session-exec", {exec}},
    {"session-replaced", {replaced}},
    {"session-close-and-create", {close_and_create}},
    {"session-many", {many}},
    {0},
};
