// SPDX-License-Identifier: Apache-2.0
/* How much goes over a live update, what was moved before it, and what goes over the next one as well. */
#include "wire.h"

static void leave_moved(void) {
    int file = memfd_with("moved"), session = outgoing("moved");
    preserve(session, file, 1);
    close(session);
    session = outgoing("moved-2");
    need(preserve(session, file, 5) == 0, "preserve failed");
}

static void moved(void) {
    int from = device();
    say_fd("first-session", retrieve_session(from, "moved"));
    say_text("second-session", retrieve(retrieve_session(from, "moved-2"), 5));
}

enum { RACES = 10 };

static void race_name(char name[NAME_BYTES], int round) {
    snprintf(name, NAME_BYTES, "race-%d", round);
}

static void leave_races(void) {
    char name[NAME_BYTES];
    for (int round = 0; round < RACES; round++) {
        race_name(name, round);
        leave(name, 1);
    }
}

static void races(void) {
    int from = device(), got = 0, busy = 0;
    char name[NAME_BYTES];
    for (int round = 0; round < RACES; round++) {
        int results[2], result;
        need(pipe(results) == 0, "pipe failed");
        race_name(name, round);
        pid_t child = branch();
        if (child == 0) {
            result = retrieve_session(from, name);
            need(write(results[1], &result, sizeof result) == sizeof result, "write failed");
            pause();
        }
        int mine = retrieve_session(from, name);
        need(read(results[0], &result, sizeof result) == sizeof result, "read failed");
        got += (mine >= 0) + (result >= 0), busy += (mine == -EINVAL) + (result == -EINVAL);
        end(child);
    }
    say("of-20", "%d retrieved, %d EINVAL", got, busy);
}

static void leave_many(void) {
    char name[NAME_BYTES];
    many_fds();
    int from = device(), session = create(from, "many-files");
    for (uint64_t token = 0; token < 500; token++) {
        snprintf(name, sizeof name, "file %d", (int)token);
        need(preserve(session, memfd_with(name), token) == 0, "preserve failed");
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "many-%d", i);
        need(create(from, name) >= 0, "create failed");
    }
    close(from);
}

static void many(void) {
    char name[NAME_BYTES], text[NAME_BYTES];
    int from, session, right = 0, finished_ = 0;
    many_fds();
    from = device(), session = retrieve_session(from, "many-files");
    for (uint64_t token = 0; token < 500; token++) {
        snprintf(name, sizeof name, "file %d", (int)token);
        ssize_t got = read(retrieve(session, token), text, sizeof text);
        right += got == (ssize_t)strlen(name) && !memcmp(name, text, strlen(name));
    }
    say("files-of-500", "%d", right);
    say_result("finish", finish(session));
    for (int i = 1999; i >= 0; i--) {
        snprintf(name, sizeof name, "many-%d", i);
        session = retrieve_session(from, name);
        finished_ += session >= 0 && finish(session) == 0;
    }
    say("sessions-of-2000", "%d", finished_);
}

static void leave_unclaimed(void) {
    leave("unclaimed", 1);
}

static void pass_by(void) {
}

static void unclaimed(void) {
    int from = device(), session = retrieve_session(from, "unclaimed");
    say_fd("session", session);
    say_text("file", session < 0 ? session : retrieve(session, 1));
}

static void leave_carried(void) {
    leave("carried", 2);
}

static void carry_on(void) {
    int session = incoming("carried"), file = retrieve(session, 1);
    say_result("write", RESULT(pwrite(file, "ONE", 3, 0)));
    say_result("finish", finish(session));
    close(session);
    say_result("preserve", preserve(outgoing("carried"), file, 9));
}

static void carried(void) {
    int session = incoming("carried");
    say_text("file", retrieve(session, 9));
    say_fd("first-token", retrieve(session, 1));
    say_result("finish", finish(session));
}

const struct wire_case onward_cases[] = {
    {"retrieve-moved", {leave_moved, moved}},
    {"retrieve-race", {leave_races, races}},
    {"retrieve-many", {leave_many, many}},
    {"unclaimed", {leave_unclaimed, pass_by, unclaimed}},
    {"carried-on", {leave_carried, carry_on, carried}},
    {0},
};
