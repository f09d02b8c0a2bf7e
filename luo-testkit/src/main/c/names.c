// SPDX-License-Identifier: Apache-2.0
/* Creating sessions: their names, and what can be wrong with the argument. */
#include "wire.h"

static int create_bytes(int from, const void *bytes) {
    struct session_arg arg = {.size = sizeof arg, .fd = -1};
    memcpy(arg.name, bytes, sizeof arg.name);
    int result = call(from, CREATE_SESSION, &arg);
    return result ? result : arg.fd;
}

static void named(int from, const char *step, const char *name) {
    char got[64];
    int session = create(from, name);
    say_fd(step, session);
    if (session >= 0) {
        snprintf(got, sizeof got, "%s-name", step);
        say_name(got, session);
        close(session);
    }
}

static void names(void) {
    int from = device();
    char long_name[NAME_BYTES + 1] = "";
    named(from, "plain", "plain");
    named(from, "one-byte", "x");
    named(from, "empty", "");
    memset(long_name, 'A', 63);
    named(from, "63-bytes", long_name);
    long_name[63] = 'A';
    named(from, "64-bytes", long_name);
    named(from, "slash", "a/b/../c");
    named(from, "space", " a b ");
    named(from, "control", "\001\n\177");
    named(from, "not-utf-8", "\xff\xfe\x80");
    named(from, "utf-8", "gr\xc3\xbc\xc3\x9f");
    named(from, "percent", "%s%n");
    named(from, "quotes", "\"'\\");
}

static void behind_the_name(void) {
    int from = device();
    unsigned char bytes[NAME_BYTES] = "head\0tail";
    bytes[63] = 0xff;
    int session = create_bytes(from, bytes);
    say_fd("create", session);
    say_name("name", session);
    say_fd("same-head", create(from, "head"));
    close(session);
    session = create(from, "head");
    say_fd("head", session);
    say_fd("other-tail", create_bytes(from, bytes));
}

static void duplicate(void) {
    int from = device(), first = create(from, "twin");
    say_fd("second", create(from, "twin"));
    say_fd("prefix", create(from, "twi"));
    say_fd("longer", create(from, "twin2"));
    say_fd("other-case", create(from, "Twin"));
    close(first);
    say_fd("after-close", create(from, "twin"));
}

static void race(void) {
    enum { RACERS = 4, ROUNDS = 20 };
    int from = device(), created = 0, exists = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int ready[2], results[2];
        pid_t racers[RACERS];
        need(pipe(ready) == 0 && pipe(results) == 0, "pipe failed");
        for (int i = 0; i < RACERS; i++) {
            racers[i] = branch();
            if (racers[i] == 0) {
                int result = 0;
                close(ready[1]);
                need(read(ready[0], &result, 1) == 0, "read failed");
                result = create(from, "race");
                need(write(results[1], &result, sizeof result) == sizeof result, "write failed");
                pause();
            }
        }
        close(ready[0]);
        close(ready[1]);
        for (int i = 0, result; i < RACERS; i++) {
            need(read(results[0], &result, sizeof result) == sizeof result, "read failed");
            created += result >= 0, exists += result == -EEXIST;
        }
        for (int i = 0; i < RACERS; i++) {
            end(racers[i]);
        }
        close(results[0]);
        close(results[1]);
    }
    say("of-80", "%d created, %d EEXIST", created, exists);
}

static void no_fds_left(void) {
    int from = device(), session = create(from, "no-fds");
    struct session_arg bad = {.size = sizeof bad}, small = {.size = 8}, taken = {.size = sizeof taken, .name = "no-fds"};
    no_more_fds(0);
    say_fd("create", create(from, "no-fds-2"));
    say_result("create-empty-name", call(from, CREATE_SESSION, &bad));
    say_result("create-short", call(from, CREATE_SESSION, &small));
    say_result("create-taken", call(from, CREATE_SESSION, &taken));
    say_result("create-null", call(from, CREATE_SESSION, NULL));
    say_fd("retrieve", retrieve_session(from, "no-fds-3"));
    say_result("get-name", call(session, GET_NAME, &(struct name_arg){.size = sizeof(struct name_arg)}));
    say_result("preserve-bad-fd", preserve(session, -1, 1));
    fds_again();
    say_fd("create-afterwards", create(from, "no-fds-2"));
    no_more_fds(1);
    say_fd("create-one-left", create(from, "no-fds-4"));
    fds_again();
}

static void read_only_argument(void) {
    int from = device();
    struct session_arg *arg = (struct session_arg *)edge(PAGE);
    *arg = (struct session_arg){.size = sizeof *arg, .fd = -1, .name = "read-only"};
    read_only(arg);
    say_result("create", call(from, CREATE_SESSION, arg));
    say_fd("name-is-free", create(from, "read-only"));
    int before = dup(from);
    say_result("create-again", call(from, CREATE_SESSION, arg));
    int after = dup(from);
    say("fds-left-behind", "%d", after - before - 1);
    struct name_arg *name = (struct name_arg *)edge(PAGE);
    *name = (struct name_arg){.size = sizeof *name};
    read_only(name);
    say_result("get-name", call(create(from, "read-only-name"), GET_NAME, name));
}

static void reserved(void) {
    int session = outgoing("reserved");
    struct name_arg arg = {.size = sizeof arg, .reserved = 1};
    say_result("get-name", call(session, GET_NAME, &arg));
    arg = (struct name_arg){.size = sizeof arg, .name = "ignored"};
    say_result("get-name-name-given", call(session, GET_NAME, &arg));
    say("name", "%s", (char *)arg.name);
}

const struct wire_case name_cases[] = {
    {"names", {names}},
    {"names-behind", {behind_the_name}},
    {"names-duplicate", {duplicate}},
    {"names-race", {race}},
    {"session-no-fds-left", {no_fds_left}},
    {"session-read-only-argument", {read_only_argument}},
    {"session-reserved", {reserved}},
    {0},
};
