// SPDX-License-Identifier: Apache-2.0
/* After the live update: taking sessions and files up, once or again, in any order, and letting them go. Each case has its own session names. */
#include "wire.h"

#include <signal.h>

static void leave_order(void) {
    leave("order", 3);
}

static void order(void) {
    int session = incoming("order");
    say_text("third", retrieve(session, 3));
    say_text("first", retrieve(session, 1));
    say_text("second", retrieve(session, 2));
    say_fd("unknown", retrieve(session, 4));
    say_fd("token-zero", retrieve(session, 0));
    say_result("finish", finish(session));
}

static void leave_again(void) {
    leave("again", 1);
}

static void again(void) {
    int session = incoming("again"), first = retrieve(session, 1), second = retrieve(session, 1);
    say_fd("first", first);
    say_fd("second", second);
    say("other-number", "%s", first != second ? "yes" : "no");
    lseek(first, 2, SEEK_SET);
    say_result("shared-position", RESULT(lseek(second, 0, SEEK_CUR)));
    close(first);
    close(second);
    int third = retrieve(session, 1);
    say_result("position-stays", RESULT(lseek(third, 0, SEEK_CUR)));
    say_text("text-stays", third);
    say_result("finish", finish(session));
    say_fd("after-finish", retrieve(session, 1));
    say_text("fd-stays", third);
}

static void leave_ends(void) {
    leave("finished", 1);
    leave("closed", 1);
    leave("died", 1);
    leave("copied", 1);
    leave("sent", 1);
}

static void finished(void) {
    int from = device(), session = retrieve_session(from, "finished");
    say_fd("retrieve", session);
    say_fd("retrieve-again", retrieve_session(from, "finished"));
    say_result("reserved", call(session, FINISH, &(struct finish_arg){.size = 8, .reserved = 1}));
    say_fd("still-there", retrieve(session, 1));
    say_result("finish", finish(session));
    say_result("finish-again", finish(session));
    say_fd("file", retrieve(session, 1));
    struct name_arg name = {.size = sizeof name};
    say_result("get-name", call(session, GET_NAME, &name));
    say("name", "%s", (char *)name.name);
    say_fd("retrieve-open", retrieve_session(from, "finished"));
    close(session);
    say_fd("retrieve-closed", retrieve_session(from, "finished"));
    close(from);
}

static void let_go(void) {
    int from = device(), session = retrieve_session(from, "closed");
    close(session);
    say_fd("closed", retrieve_session(from, "closed"));
    pid_t child = branch();
    if (child == 0) {
        retrieve(retrieve_session(from, "died"), 1);
        raise(SIGKILL);
    }
    status_of(child);
    say_fd("died", retrieve_session(from, "died"));
    close(from);
}

static void shared(void) {
    int ends[2], from = device(), session = retrieve_session(from, "copied"), copy = dup(session);
    close(session);
    say_fd("copy-keeps-it", retrieve_session(from, "copied"));
    say_text("copy-works", retrieve(copy, 1));
    close(copy);
    say_fd("after-last-close", retrieve_session(from, "copied"));
    socket_pair(ends);
    pid_t child = branch();
    if (child == 0) {
        send_fd(ends[0], retrieve_session(from, "sent"));
        _exit(0);
    }
    status_of(child);
    say_fd("message-keeps-it", retrieve_session(from, "sent"));
    session = receive_fd(ends[1]);
    say_text("received-works", retrieve(session, 1));
}

static void ends(void) {
    finished();
    let_go();
    shared();
}

static void leave_gone(void) {
    close(leave("closed-before", 1));
    pid_t child = branch();
    if (child == 0) {
        leave("killed-before", 1);
        raise(SIGKILL);
    }
    status_of(child);
}

static void gone(void) {
    int from = device();
    say_fd("closed-before", retrieve_session(from, "closed-before"));
    say_fd("killed-before", retrieve_session(from, "killed-before"));
    say_fd("never-was", retrieve_session(from, "never-was"));
}

static void leave_held(void) {
    int sockets[2], session = leave("forked", 1);
    pid_t child = branch();
    if (child == 0) {
        hold();
    }
    close(session);
    session = leave("in-flight", 1);
    socket_pair(sockets);
    send_fd(sockets[0], session);
    close(session);
}

static void held(void) {
    say_text("by-a-child", retrieve(incoming("forked"), 1));
    say_text("by-a-message", retrieve(incoming("in-flight"), 1));
}

static void leave_empty(void) {
    leave("nothing", 0);
}

static void empty(void) {
    int session = incoming("nothing");
    say_fd("file", retrieve(session, 0));
    say_result("finish", finish(session));
    say_result("finish-again", finish(session));
}

static void leave_names(void) {
    char long_name[NAME_BYTES] = "";
    memset(long_name, 'L', 63);
    leave(long_name, 1);
    leave("a/b c\001\xff", 1);
    leave("head", 1);
    leave("both", 1);
}

static void names(void) {
    int from = device();
    char long_name[NAME_BYTES + 1] = "";
    memset(long_name, 'L', 63);
    struct session_arg tail = {.size = sizeof tail, .fd = -1, .name = "head\0tail"};
    say_fd("empty", retrieve_session(from, ""));
    say_fd("prefix", retrieve_session(from, "hea"));
    int session = create(from, "both");
    say_fd("same-name-outgoing", session);
    say_fd("same-name-incoming", retrieve_session(from, "both"));
    say_result("outgoing-is-outgoing", preserve(session, memfd(0), 1));
    say_fd("outgoing-only", (create(from, "outgoing-only"), retrieve_session(from, "outgoing-only")));
    say_fd("63-bytes", retrieve_session(from, long_name));
    long_name[63] = 'L';
    say_fd("64-bytes", retrieve_session(from, long_name));
    say_fd("odd-bytes", retrieve_session(from, "a/b c\001\xff"));
    int result = call(from, RETRIEVE_SESSION, &tail);
    say_fd("bytes-behind", result < 0 ? result : tail.fd);
}

const struct wire_case retrieve_cases[] = {
    {"retrieve-order", {leave_order, order}},
    {"retrieve-again", {leave_again, again}},
    {"retrieve-ends", {leave_ends, ends}},
    {"retrieve-gone", {leave_gone, gone}},
    {"retrieve-held", {leave_held, held}},
    {"retrieve-empty", {leave_empty, empty}},
    {"retrieve-names", {leave_names, names}},
    {0},
};
