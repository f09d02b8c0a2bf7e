// SPDX-License-Identifier: Apache-2.0
/*
 * Many sessions and many files. Lines on standard input and output keep the steps in order.
 *
 *   scale many N     creates N sessions and keeps them; says "ready"; at a line closes them; says "done"
 *   scale before     creates 2,000 empty sessions, and 4 with 500 files each; says "ready"; at a line says "done"
 *   scale after      takes all of them back after a live update, each file with its content; finishes them; says "done"
 *   scale churn N    creates a session, preserves a file in it and closes it, N times; says "done"
 */
#include "check.h"
#include "liveupdate.h"
#include <fcntl.h>
#include <sys/resource.h>

#define SESSIONS 2000
#define FULL_SESSIONS 4
#define FILES 500

static void say(const char *line) {
    printf("%s\n", line);
    fflush(stdout);
}

static void await_line(void) {
    char line[64];
    CHECK(fgets(line, sizeof line, stdin) != NULL);
}

static int numbered(int device, unsigned long command, const char *prefix, int number) {
    char name[64];
    int fd;
    snprintf(name, sizeof name, "%s-%d", prefix, number);
    WORKS(fd = session(device, command, name));
    return fd;
}

static void many(int device, int count) {
    int *sessions = malloc(count * sizeof *sessions);
    for (int i = 0; i < count; i++) {
        sessions[i] = numbered(device, CREATE_SESSION, "many", i);
    }
    say("ready");
    await_line();
    for (int i = 0; i < count; i++) {
        close(sessions[i]);
    }
    free(sessions);
}

static void before(int device) {
    for (int i = 0; i < SESSIONS; i++) {
        numbered(device, CREATE_SESSION, "empty", i);
    }
    for (int i = 0; i < FULL_SESSIONS; i++) {
        int full = numbered(device, CREATE_SESSION, "full", i);
        for (int token = 0; token < FILES; token++) {
            char content[32];
            int length = snprintf(content, sizeof content, "%d/%d", i, token), file;
            WORKS(file = memfd_create("scale", MFD_CLOEXEC));
            EQUAL(length, write(file, content, length));
            WORKS(preserve(full, file, token));
            close(file);
        }
    }
    say("ready");
    await_line();
}

static void after(int device) {
    for (int i = 0; i < SESSIONS; i++) {
        int empty = numbered(device, RETRIEVE_SESSION, "empty", i);
        WORKS(finish(empty));
        close(empty);
    }
    for (int i = 0; i < FULL_SESSIONS; i++) {
        int full = numbered(device, RETRIEVE_SESSION, "full", i);
        for (int token = 0; token < FILES; token++) {
            char expected[32], found[32];
            int length = snprintf(expected, sizeof expected, "%d/%d", i, token), file;
            WORKS(file = retrieve(full, token));
            EQUAL(length, pread(file, found, sizeof found, 0));
            EQUAL(0, memcmp(expected, found, length));
            close(file);
        }
        WORKS(finish(full));
        close(full);
    }
}

static void churn(int device, int count) {
    int file;
    WORKS(file = memfd_create("churn", MFD_CLOEXEC));
    for (int i = 0; i < count; i++) {
        int one = numbered(device, CREATE_SESSION, "churn", 0);
        WORKS(preserve(one, file, 1));
        close(one);
    }
}

int main(int count, char **arguments) {
    struct rlimit limit;
    int device;
    alarm(2 * PATIENCE_SECONDS);
    case_name = count > 1 ? arguments[1] : "none";
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    WORKS(device = open(DEVICE, O_RDWR | O_CLOEXEC));
    if (count == 3 && strcmp(case_name, "many") == 0) {
        many(device, atoi(arguments[2]));
    } else if (count == 2 && strcmp(case_name, "before") == 0) {
        before(device);
    } else if (count == 2 && strcmp(case_name, "after") == 0) {
        after(device);
    } else if (count == 3 && strcmp(case_name, "churn") == 0) {
        churn(device, atoi(arguments[2]));
    } else {
        fprintf(stderr, "usage: scale many N | before | after | churn N\n");
        return 2;
    }
    say("done");
    return 0;
}
