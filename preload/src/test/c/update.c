// SPDX-License-Identifier: Apache-2.0
/*
 * A live update seen by programs that know nothing of it. Lines on standard input and output keep the steps in order.
 *
 *   update holder    creates the sessions "one", "two" and "empty" with memory in them; says "ready"; at a line takes
 *                    "one" back, in the same process, and finishes it; says "done"
 *   update heir      a new process: takes back the others, finishes "two", keeps "empty" for nobody; says "done"
 *   update busy      says "ready"; makes and closes sessions all the time until there is a line; says "done"
 */
#include "check.h"
#include "liveupdate.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#define SIZE (1 << 20)

static void say(const char *line) {
    printf("%s\n", line);
    fflush(stdout);
}

static void await_line(void) {
    char line[64];
    CHECK(fgets(line, sizeof line, stdin) != NULL);
}

static int open_device(void) {
    int fd;
    WORKS(fd = open(DEVICE, O_RDWR | O_CLOEXEC));
    return fd;
}

static char letter(uint64_t token, int at) {
    return 'a' + (token * 7 + at / 4096) % 26;
}

static void fill(int session, uint64_t token, int written_later) {
    int fd = memfd_create("update", MFD_CLOEXEC);
    CHECK(ftruncate(fd, SIZE) == 0);
    char *bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (written_later) {
        WORKS(preserve(session, fd, token));
    }
    for (int i = 0; i < SIZE; i++) {
        bytes[i] = letter(token, i);
    }
    lseek(fd, token, SEEK_SET);
    if (!written_later) {
        WORKS(preserve(session, fd, token));
    }
    munmap(bytes, SIZE);
    close(fd);
}

static void check(int session, uint64_t token) {
    int fd, again;
    struct stat one, two;
    WORKS(fd = retrieve(session, token));
    WORKS(again = retrieve(session, token));
    EQUAL(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK(fstat(fd, &one) == 0 && fstat(again, &two) == 0 && one.st_ino == two.st_ino);
    EQUAL(SIZE, one.st_size);
    EQUAL(token, lseek(again, 0, SEEK_CUR));
    char *bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < SIZE; i++) {
        EQUAL(letter(token, i), bytes[i]);
    }
    munmap(bytes, SIZE);
    close(fd);
    close(again);
}

/* Takes a session back from a device, with the files 1 to some number in it. */
static void take_back(int device, const char *name, int files) {
    int one, fd = memory("new");
    struct named named = {sizeof named, 0, {0}};
    WORKS(one = session(device, RETRIEVE_SESSION, name));
    FAILS(EINVAL, session(device, RETRIEVE_SESSION, name));
    EQUAL(FD_CLOEXEC, fcntl(one, F_GETFD));
    WORKS(ioctl(one, GET_NAME, &named));
    EQUAL(0, strcmp(named.name, name));
    FAILS(EINVAL, preserve(one, fd, 1));
    FAILS(ENOENT, retrieve(one, files + 1));
    for (int token = files; token > 0; token--) {
        check(one, token);
    }
    struct plain reserved = {sizeof reserved, 1};
    FAILS(EINVAL, ioctl(one, FINISH, &reserved));
    WORKS(finish(one));
    WORKS(finish(one));
    FAILS(ENOENT, retrieve(one, 1));
    FAILS(EINVAL, session(device, RETRIEVE_SESSION, name));
    close(one);
    FAILS(ENOENT, session(device, RETRIEVE_SESSION, name));
}

static void holder(void) {
    int device = open_device(), one, two;
    struct named named = {sizeof named, 0, {0}};
    WORKS(one = session(device, CREATE_SESSION, "one"));
    WORKS(two = session(device, CREATE_SESSION, "two"));
    WORKS(session(device, CREATE_SESSION, "empty"));
    for (int token = 1; token <= 8; token++) {
        fill(one, token, token % 2);
        fill(two, token, token % 2);
    }
    say("ready");
    await_line();
    FAILS(ESTALE, ioctl(one, GET_NAME, &named)); /* what it was is gone with the predecessor */
    FAILS(ESTALE, finish(two));
    close(one);
    take_back(device, "one", 8);
    WORKS(session(device, CREATE_SESSION, "one"));
}

static void heir(void) {
    int device = open_device(), empty;
    FAILS(EBUSY, open(DEVICE, O_RDWR));
    FAILS(ENOENT, session(device, RETRIEVE_SESSION, "nobody"));
    take_back(device, "two", 8);
    WORKS(empty = session(device, RETRIEVE_SESSION, "empty"));
    close(empty); /* finishes it */
    FAILS(ENOENT, session(device, RETRIEVE_SESSION, "empty"));
    WORKS(session(device, CREATE_SESSION, "two"));
}

/* No call on the device may fail. The session that is open when the update comes has become an incoming one. */
static void busy(void) {
    int device = open_device(), rounds = 0, stale = 0;
    char name[32], line[64];
    say("ready");
    while (poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, 0) == 0) {
        int one, file = memory("busy");
        snprintf(name, sizeof name, "busy %d", rounds++);
        WORKS(one = session(device, CREATE_SESSION, name));
        if (preserve(one, file, 1) != 0) {
            EQUAL(ESTALE, errno);
            stale++;
        }
        close(one);
        close(file);
    }
    CHECK(fgets(line, sizeof line, stdin) != NULL && rounds > 100 && stale <= 1);
}

int main(int count, char **arguments) {
    alarm(PATIENCE_SECONDS);
    case_name = count == 2 ? arguments[1] : "none";
    if (strcmp(case_name, "holder") == 0) {
        holder();
    } else if (strcmp(case_name, "heir") == 0) {
        heir();
    } else if (strcmp(case_name, "busy") == 0) {
        busy();
    } else {
        fprintf(stderr, "usage: update holder | heir | busy\n");
        return 2;
    }
    say("done");
    return 0;
}
