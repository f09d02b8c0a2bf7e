// SPDX-License-Identifier: Apache-2.0
/* After the live update: what goes wrong, and what is refused. */
#include "wire.h"

static void leave_faults(void) {
    leave("fault-session", 1);
    leave("fault-file", 2);
    leave("fault-finish", 1);
}

static void faults(void) {
    int from = device(), session = retrieve_session(from, "fault-file");
    struct session_arg *name = (struct session_arg *)edge(PAGE);
    *name = (struct session_arg){.size = sizeof *name, .name = "fault-session"};
    read_only(name);
    say_result("session", call(from, RETRIEVE_SESSION, name));
    say_fd("session-again", retrieve_session(from, "fault-session"));
    struct file_arg *file = (struct file_arg *)edge(PAGE);
    *file = (struct file_arg){.size = sizeof *file, .token = 1};
    read_only(file);
    int before = dup(from);
    say_result("file", call(session, RETRIEVE_FD, file));
    say("fds-left-behind", "%d", dup(from) - before - 1);
    say_text("file-again", retrieve(session, 1));
    session = retrieve_session(from, "fault-finish");
    struct finish_arg *last = (struct finish_arg *)edge(PAGE);
    *last = (struct finish_arg){.size = sizeof *last};
    read_only(last);
    say_result("finish", call(session, FINISH, last));
    say_fd("file-after-finish", retrieve(session, 1));
}

static void leave_no_fds(void) {
    leave("no-fds", 1);
}

static void no_fds_left(void) {
    int from = device();
    no_more_fds(0);
    say_fd("session", retrieve_session(from, "no-fds"));
    say_fd("unknown-session", retrieve_session(from, "never-was"));
    fds_again();
    int session = retrieve_session(from, "no-fds");
    say_fd("session-afterwards", session);
    no_more_fds(0);
    say_fd("file", retrieve(session, 1));
    say_fd("unknown-file", retrieve(session, 9));
    say_result("finish-reserved", call(session, FINISH, &(struct finish_arg){.size = 8, .reserved = 1}));
    fds_again();
    say_text("file-afterwards", retrieve(session, 1));
    no_more_fds(0);
    say_result("finish", finish(session));
    fds_again();
    say_fd("file-after-finish", retrieve(session, 1));
}

static void leave_direction(void) {
    leave("direction", 1);
}

static void direction(void) {
    int session = incoming("direction"), other = outgoing("direction"), file = memfd(0);
    say_result("preserve-incoming", preserve(session, file, 1));
    say_result("preserve-incoming-bad-fd", preserve(session, -1, 1));
    say_fd("retrieve-outgoing", retrieve(other, 1));
    say_result("finish-outgoing", finish(other));
    say_result("file-is-free", preserve(other, file, 1));
    say_text("file", retrieve(session, 1));
}

static void leave_dedupe(void) {
    leave("dedupe", 2);
}

static void dedupe(void) {
    int session = incoming("dedupe"), other = outgoing("dedupe"), file = retrieve(session, 1);
    say_result("retrieved", preserve(other, file, 1));
    say_result("duplicate", preserve(other, dup(file), 2));
    say_result("reopened", preserve(other, reopened(file, O_RDWR), 3));
    say_result("finish", finish(session));
    say_result("finished", preserve(other, file, 1));
    say_result("finished-twice", preserve(other, file, 2));
}

static void leave_tokens(void) {
    int session = outgoing("far-tokens");
    preserve(session, memfd_with("zero"), 0);
    preserve(session, memfd_with("ones"), UINT64_MAX);
    preserve(session, memfd_with("top"), 1ull << 63);
}

static void tokens(void) {
    int session = incoming("far-tokens");
    say_text("zero", retrieve(session, 0));
    say_text("all-ones", retrieve(session, UINT64_MAX));
    say_text("top-bit", retrieve(session, 1ull << 63));
    say_fd("low-half", retrieve(session, UINT32_MAX));
}

static void leave_sticky(void) {
    leave("sticky", 2);
}

static void limit_of_files(const char *limit) {
    int setting = open("/proc/sys/fs/file-max", O_WRONLY | O_TRUNC);
    need(setting >= 0 && write(setting, limit, strlen(limit)) == (ssize_t)strlen(limit), "file-max can't be set");
    close(setting);
}

/* The machine has no room for another open file, and who asks is not privileged: the handler's retrieve fails. */
static void sticky(void) {
    if (!machine_is_ours) {
        return;
    }
    int session = incoming("sticky");
    many_fds();
    for (int i = 0; i < 600; i++) {
        open("/proc/self/stat", O_RDONLY);
    }
    limit_of_files("16");
    pid_t child = branch();
    if (child == 0) {
        need(setuid(65534) == 0, "setuid failed");
        say_fd("fails", retrieve(session, 1));
        _exit(0);
    }
    status_of(child);
    limit_of_files("1000000");
    say_fd("fails-the-same-way", retrieve(session, 1));
    say_text("other-file", retrieve(session, 2));
    say_result("finish", finish(session));
    say_fd("after-finish", retrieve(session, 1));
}

const struct wire_case incoming_cases[] = {
    {"retrieve-faults", {leave_faults, faults}},
    {"retrieve-no-fds-left", {leave_no_fds, no_fds_left}},
    {"retrieve-direction", {leave_direction, direction}},
    {"retrieve-dedupe", {leave_dedupe, dedupe}},
    {"retrieve-tokens", {leave_tokens, tokens}},
    {"retrieve-sticky", {leave_sticky, sticky}},
    {0},
};
