// SPDX-License-Identifier: Apache-2.0
/*
 * What an ioctl of a program under the preload library costs, and what it would cost if the server did nothing.
 *
 *   ioctl client CALLS          opens /dev/liveupdate, creates a session, asks for its name over and over; prints the
 *                               microseconds of a call on average, after a fifth as many calls that are not counted
 *   ioctl server SOCKET         one epoll loop that takes the same messages and sends them back, the same bytes and fds;
 *                               says "ready"; lives until its standard input ends
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CREATE_SESSION 0xBA00
#define GET_NAME 0xBA43

struct session {
    uint32_t size;
    int32_t fd;
    char name[64];
};

struct request {
    uint32_t cmd, flags;
    char bytes[sizeof(struct session)];
};

struct reply {
    int32_t error;
    char bytes[sizeof(struct session)];
};

static void die(const char *what) {
    fprintf(stderr, "ioctl: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double ask(int session, int calls) {
    double start = now_us();
    for (int i = 0; i < calls; i++) {
        struct session argument = {.size = sizeof argument};
        if (ioctl(session, GET_NAME, &argument) < 0 || strcmp(argument.name, "benchmark") != 0) {
            die("GET_NAME");
        }
    }
    return (now_us() - start) / calls;
}

static int client(int calls) {
    struct session argument = {.size = sizeof argument, .name = "benchmark"};
    int device = open("/dev/liveupdate", O_RDWR | O_CLOEXEC);
    if (device < 0 || ioctl(device, CREATE_SESSION, &argument) < 0) {
        die("/dev/liveupdate");
    }
    ask(argument.fd, calls / 5);
    printf("%.4f\n", ask(argument.fd, calls));
    return 0;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        die("epoll_ctl");
    }
}

/* Sends a reply, with an fd if there is one. */
static void answer(int socket, const struct reply *reply, int passed) {
    struct {
        struct cmsghdr header;
        int fd;
    } rights = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}, passed};
    struct msghdr message = {.msg_iov = &(struct iovec){(void *)reply, sizeof *reply}, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = &rights;
        message.msg_controllen = CMSG_LEN(sizeof(int));
    }
    if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        die("sendmsg");
    }
}

static void serve(int epoll, int connection) {
    struct request request;
    struct {
        struct cmsghdr header;
        int fds[2];
    } rights;
    struct msghdr message = {.msg_iov = &(struct iovec){&request, sizeof request}, .msg_iovlen = 1, .msg_control = &rights};
    message.msg_controllen = sizeof rights;
    if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0) {
        close(connection);
        return;
    }
    struct reply reply = {0};
    int pair[2] = {-1, -1};
    memcpy(reply.bytes, request.bytes, sizeof reply.bytes);
    if (request.cmd == CREATE_SESSION) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
            die("socketpair");
        }
        watch(epoll, pair[0]);
    } else {
        strcpy(reply.bytes + 8, "benchmark");
    }
    answer(rights.fds[0], &reply, pair[1]);
    close(rights.fds[0]);
    if (pair[1] >= 0) {
        close(pair[1]);
    }
}

static int server(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    strncpy(at.sun_path, path, sizeof at.sun_path - 1);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), epoll = epoll_create1(EPOLL_CLOEXEC);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 16) < 0) {
        die(path);
    }
    watch(epoll, listener);
    watch(epoll, STDIN_FILENO);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) != 1) {
            die("epoll_wait");
        }
        if (event.data.fd == STDIN_FILENO) {
            return 0;
        }
        if (event.data.fd == listener) {
            int32_t open = 0;
            int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            send(connection, &open, sizeof open, MSG_NOSIGNAL);
            shutdown(connection, SHUT_WR);
            watch(epoll, connection);
        } else {
            serve(epoll, event.data.fd);
        }
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "client") == 0) {
        return client(atoi(argv[2]));
    }
    if (argc == 3 && strcmp(argv[1], "server") == 0) {
        return server(argv[2]);
    }
    fprintf(stderr, "usage: ioctl client CALLS | ioctl server SOCKET\n");
    return 2;
}
