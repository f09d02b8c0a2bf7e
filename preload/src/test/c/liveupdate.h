// SPDX-License-Identifier: Apache-2.0
/* The device's interface, as a program that does not know of us sees it. */
#ifndef LUO_LIVEUPDATE_H
#define LUO_LIVEUPDATE_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICE "/dev/liveupdate"
#define CREATE_SESSION 0xBA00
#define RETRIEVE_SESSION 0xBA01
#define PRESERVE_FD 0xBA40
#define RETRIEVE_FD 0xBA41
#define FINISH 0xBA42
#define GET_NAME 0xBA43

struct named {
    uint32_t size;
    int32_t fd;
    char name[64];
};

struct kept {
    uint32_t size;
    int32_t fd;
    uint64_t token;
};

struct plain {
    uint32_t size, reserved;
};

/* The session's fd or -1. */
__attribute__((unused)) static int session(int device, unsigned long cmd, const char *name) {
    struct named argument = {sizeof argument, -1, {0}};
    memcpy(argument.name, name, strnlen(name, sizeof argument.name));
    return ioctl(device, cmd, &argument) == 0 ? argument.fd : -1;
}

__attribute__((unused)) static int preserve(int session, int fd, uint64_t token) {
    struct kept argument = {sizeof argument, fd, token};
    return ioctl(session, PRESERVE_FD, &argument);
}

/* The file's fd or -1. */
__attribute__((unused)) static int retrieve(int session, uint64_t token) {
    struct kept argument = {sizeof argument, -1, token};
    return ioctl(session, RETRIEVE_FD, &argument) == 0 ? argument.fd : -1;
}

__attribute__((unused)) static int finish(int session) {
    struct plain argument = {sizeof argument, 0};
    return ioctl(session, FINISH, &argument);
}

/* A memfd with this text, positioned behind it. */
__attribute__((unused)) static int memory(const char *text) {
    int fd = memfd_create("test", 0);
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? fd : -1;
}
#endif
