// SPDX-License-Identifier: Apache-2.0
/* The six commands, and the memory and files they are tried with. */
#include "wire.h"

#include <sys/ioctl.h>

_Static_assert(sizeof(struct session_arg) == 72 && offsetof(struct session_arg, name) == 8, "layout");
_Static_assert(sizeof(struct file_arg) == 16 && offsetof(struct file_arg, token) == 8, "layout");
_Static_assert(sizeof(struct name_arg) == 72 && sizeof(struct finish_arg) == 8, "layout");

void need(bool holds, const char *what) {
    if (!holds) {
        say("gave-up", "%s", what);
        _exit(1);
    }
}

int call(int fd, unsigned long command, void *argument) {
    return (int)RESULT(ioctl(fd, command, argument));
}

int device(void) {
    int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    need(fd >= 0, "the device could not be opened");
    return fd;
}

static int by_name(int device, unsigned command, const char *name) {
    struct session_arg arg = {.size = sizeof arg, .fd = -1};
    memcpy(arg.name, name, strnlen(name, sizeof arg.name));
    int result = call(device, command, &arg);
    return result ? result : arg.fd;
}

int create(int device, const char *name) {
    return by_name(device, CREATE_SESSION, name);
}

int retrieve_session(int device, const char *name) {
    return by_name(device, RETRIEVE_SESSION, name);
}

int preserve(int session, int fd, uint64_t token) {
    struct file_arg arg = {.size = sizeof arg, .fd = fd, .token = token};
    return call(session, PRESERVE_FD, &arg);
}

int retrieve(int session, uint64_t token) {
    struct file_arg arg = {.size = sizeof arg, .fd = -1, .token = token};
    int result = call(session, RETRIEVE_FD, &arg);
    return result ? result : arg.fd;
}

int finish(int session) {
    struct finish_arg arg = {.size = sizeof arg};
    return call(session, FINISH, &arg);
}

int outgoing(const char *name) {
    int from = device(), session = create(from, name);
    need(session >= 0, "the session could not be created");
    close(from);
    return session;
}

int incoming(const char *name) {
    int from = device(), session = retrieve_session(from, name);
    need(session >= 0, "the session could not be retrieved");
    close(from);
    return session;
}

int leave(const char *name, int files) {
    static const char *const text[] = {"one", "two", "three"};
    int session = outgoing(name);
    for (int i = 0; i < files; i++) {
        need(preserve(session, memfd_with(text[i]), (uint64_t)i + 1) == 0, "preserve failed");
    }
    return session;
}

int memfd(unsigned flags) {
    int fd = memfd_create("wire", flags);
    need(fd >= 0, "memfd_create failed");
    return fd;
}

int memfd_with(const char *text) {
    int fd = memfd(MFD_ALLOW_SEALING);
    need(pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text), "writing to a memfd failed");
    return fd;
}

int reopened(int fd, int flags) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, flags);
    need(again >= 0, "re-opening a file failed");
    return again;
}

unsigned char *edge(size_t length) {
    size_t room = (length + PAGE - 1) / PAGE * PAGE;
    unsigned char *memory = mmap(NULL, room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED && mprotect(memory + room, PAGE, PROT_NONE) == 0, "no memory");
    return memory + room - length;
}

void read_only(void *memory) {
    unsigned char *page = (unsigned char *)((uintptr_t)memory / PAGE * PAGE);
    need(mprotect(page, PAGE, PROT_READ) == 0, "mprotect failed");
}
