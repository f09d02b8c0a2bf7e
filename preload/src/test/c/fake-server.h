// SPDX-License-Identifier: Apache-2.0
/* A server that lets every case see what the library sends, and answer whatever it wants. */
#ifndef LUO_FAKE_SERVER_H
#define LUO_FAKE_SERVER_H
#include "check.h"
#include "liveupdate.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define MOST_FDS 4

struct request {
    uint32_t cmd, flags;
    char bytes[256];
};

/* What came; shared with the case. */
static struct seen {
    int opens, requests, length, fds;
    ino_t file;
    struct request last;
} *seen;

/* Answers a request; closes nothing. */
typedef void answer(int connection, int reply, const struct request *request, size_t bytes);

__attribute__((unused)) static void send_reply(int socket, const void *data, size_t length, const int *fds, int count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
    } control = {.header = {CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &(struct iovec){(void *)data, length}, .msg_iovlen = 1};
    if (count > 0) {
        memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    }
    sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* An errno, and the first bytes of the request again. */
__attribute__((unused)) static void send_errno(int socket, int32_t error, const struct request *request, size_t bytes, int fd) {
    char data[4 + sizeof request->bytes];
    memcpy(data, &error, 4);
    memcpy(data + 4, request->bytes, bytes);
    send_reply(socket, data, 4 + bytes, &fd, fd >= 0);
}

static int receive(int connection, struct request *request, int *fds) {
    char control[CMSG_SPACE(MOST_FDS * sizeof(int))];
    struct msghdr message = {.msg_iov = &(struct iovec){request, sizeof *request}, .msg_iovlen = 1};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    int length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    seen->fds = length <= 0 || header == NULL ? 0 : (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (seen->fds > 0) {
        memcpy(fds, CMSG_DATA(header), seen->fds * sizeof(int));
    }
    return length;
}

/* Serves a connection until the client hangs up. */
static void serve_connection(int connection, answer *answer) {
    struct request request;
    int fds[MOST_FDS], length;
    while ((length = receive(connection, &request, fds)) > 0) {
        struct stat file = {0};
        if (seen->fds > 1) {
            fstat(fds[1], &file);
        }
        seen->file = file.st_ino;
        seen->last = request;
        seen->length = length;
        __atomic_add_fetch(&seen->requests, 1, __ATOMIC_SEQ_CST);
        answer(connection, fds[0], &request, length - 8);
        for (int i = 0; i < seen->fds; i++) {
            close(fds[i]);
        }
    }
    close(connection);
}

static int listen_here(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "socket.%d", getpid());
    setenv("LUO_DEVICE_SOCKET", at.sun_path, 1);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 16) == 0);
    return listener;
}

/* Starts a server that greets with these bytes; none: it hangs up. The case's process has none of its fds. */
static pid_t serve(const void *greeting, size_t length, answer *answer) {
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int listener = listen_here();
    pid_t server = fork();
    if (server == 0) {
        for (;;) {
            int connection = accept(listener, NULL, NULL);
            seen->opens++;
            if (length == 0 || send(connection, greeting, length, MSG_NOSIGNAL) < 0
                || shutdown(connection, SHUT_WR) < 0) {
                close(connection);
            } else {
                serve_connection(connection, answer);
            }
        }
    }
    close(listener);
    return server;
}

/* The device of a server that answers so. */
__attribute__((unused)) static int device_of(answer *answer) {
    serve("\0\0\0", 4, answer);
    int fd;
    WORKS(fd = open(DEVICE, O_RDWR));
    return fd;
}
#endif
