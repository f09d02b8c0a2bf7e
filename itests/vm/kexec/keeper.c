/* SPDX-License-Identifier: Apache-2.0
 *
 * keeper LOG OWN COMMAND...: a small service manager for a machine that has none. Starts the command, whose output is LOG, with
 * what systemd gives a service, keeps what it is told to (FDSTORE=1), hands it in again when it starts the command anew, which
 * it does as often as that is killed, and writes a line about each to OWN.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1000, FIRST = 3, NAME = 256 };

static const char *address = "/run/keeper";
static char names[MOST][NAME];
static int kept[MOST], count;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void forget(const char *name) {
    for (int i = 0; i < count;) {
        if (strcmp(names[i], name)) {
            i++;
            continue;
        }
        close(kept[i]);
        count--;
        kept[i] = kept[count];
        memcpy(names[i], names[count], NAME);
    }
}

static void take(char *lines, int fd) {
    char *name = strstr(lines, "FDNAME=");
    if (name) {
        name += strlen("FDNAME=");
        name[strcspn(name, "\n")] = 0;
    }
    if (name && !strncmp(lines, "FDSTORE=1\n", 10) && fd >= 0 && count < MOST && strlen(name) < NAME) {
        strcpy(names[count], name);
        kept[count++] = fd;
        if (!strcmp(name, "luo")) printf("keeper: has the kernel session\n");
        return;
    }
    if (name && !strncmp(lines, "FDSTOREREMOVE=1\n", 16)) {
        forget(name);
        if (!strcmp(name, "luo")) printf("keeper: lets go of the kernel session; keeps %d files\n", count);
    }
    if (fd >= 0) close(fd);
}

/* One message, if there is one within a tenth of a second. */
static void hear(int listening) {
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
    static char lines[1 << 16];
    struct iovec part = {lines, sizeof lines - 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct pollfd event = {.fd = listening, .events = POLLIN};
    int fd = -1;
    if (poll(&event, 1, 100) <= 0) return;
    ssize_t length = recvmsg(listening, &message, MSG_CMSG_CLOEXEC);
    if (length < 0) die("recvmsg");
    lines[length] = 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
    take(lines, fd);
}

static void give(const char *name, const char *value) {
    if (setenv(name, value, 1) < 0) die(name);
}

/* The fds go above all others first, so that none is overwritten on its way. */
static void become(const char *log, char **command) {
    static char list[MOST * NAME];
    char number[16];
    int moved[MOST], output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (output < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) die(log);
    for (int i = 0; i < count; i++) {
        if ((moved[i] = fcntl(kept[i], F_DUPFD_CLOEXEC, 2 * MOST + 100)) < 0) die("dup");
        strcat(strcat(list, i ? ":" : ""), names[i]);
    }
    for (int i = 0; i < count; i++) {
        if (dup2(moved[i], FIRST + i) < 0) die("dup2");
    }
    give("NOTIFY_SOCKET", address);
    give("FDSTORE", "1000");
    if (count) {
        snprintf(number, sizeof number, "%d", getpid());
        give("LISTEN_PID", number);
        snprintf(number, sizeof number, "%d", count);
        give("LISTEN_FDS", number);
        give("LISTEN_FDNAMES", list);
    }
    execv(command[0], command);
    die(command[0]);
}

int main(int words, char **word) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;
    if (words < 4) return 2;
    if (!freopen(word[2], "w", stdout)) die(word[2]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    strcpy(name.sun_path, address);
    if (listening < 0 || bind(listening, (struct sockaddr *)&name, sizeof name) < 0) die(address);
    for (int starts = 1;; starts++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (!child) become(word[1], word + 3);
        printf("keeper: start %d, process %d, with %d files\n", starts, child, count);
        while (waitpid(child, &status, WNOHANG) == 0) hear(listening);
        for (int i = 0; i < 3; i++) hear(listening);
        printf("keeper: process %d ended, status %d, signal %d\n", child, WEXITSTATUS(status), WTERMSIG(status));
        if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    }
}
