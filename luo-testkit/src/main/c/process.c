// SPDX-License-Identifier: Apache-2.0
/* Other processes, fds on their way to them, and the limit on fds. */
#include "wire.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static rlim_t usual_limit;

/* Like fork. The child is of the case's process group, and ends with it at the latest. */
pid_t branch(void) {
    pid_t child = fork();
    need(child >= 0, "fork failed");
    return child;
}

void hold(void) {
    struct pollfd input = {.fd = STDIN_FILENO};
    while (poll(&input, 1, -1) < 0 || !(input.revents & (POLLHUP | POLLERR | POLLNVAL))) {
        usleep(10000);
    }
    _exit(0);
}

int status_of(pid_t child) {
    int status;
    need(waitpid(child, &status, 0) == child, "waitpid failed");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void end(pid_t child) {
    kill(child, SIGKILL);
    status_of(child);
}

void socket_pair(int ends[2]) {
    need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "socketpair failed");
}

void send_fd(int socket, int fd) {
    char byte = 0;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    struct iovec bytes = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    need(sendmsg(socket, &message, 0) == 1, "sending an fd failed");
}

int receive_fd(int socket) {
    char byte;
    int fd;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec bytes = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    need(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message), "receiving an fd failed");
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

void many_fds(void) {
    struct rlimit limit;
    need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit failed");
    limit.rlim_cur = limit.rlim_max;
    need(limit.rlim_max >= 4096 && setrlimit(RLIMIT_NOFILE, &limit) == 0, "the limit on fds is too low");
}

/* Leaves room for so many. */
void no_more_fds(int left) {
    struct rlimit limit;
    need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit failed");
    usual_limit = limit.rlim_cur;
    int lowest = dup(STDOUT_FILENO), next = lowest;
    for (int i = 0; i < left; i++) {
        next = fcntl(STDOUT_FILENO, F_DUPFD, next + 1);
    }
    need(lowest >= 0 && next >= 0, "dup failed");
    limit.rlim_cur = (rlim_t)next;
    for (int fd = lowest; fd <= next; fd++) {
        close(fd);
    }
    need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit failed");
}

void fds_again(void) {
    struct rlimit limit;
    need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit failed");
    limit.rlim_cur = usual_limit;
    need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit failed");
}
