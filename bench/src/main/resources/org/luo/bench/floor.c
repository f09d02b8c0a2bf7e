// SPDX-License-Identifier: Apache-2.0
/*
 * The floor of a process handover: what passing files and a state image from one process to another costs in C.
 *
 *   floor FILES IMAGE_BYTES RUNS
 *
 * Per run, timed by the sender from before the first byte until the acknowledgement: the image is copied into a memfd
 * whose pages are there already, its fd and then all files are sent over a SOCK_SEQPACKET socket, 253 in a message with
 * the device and inode of each; the receiver, whose fd table has been expanded, checks count, truncation flags and the
 * identity of every file, reads the whole image and answers. Prints one line per run: milliseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 253
#define WINDOW 16 /* batches between acknowledgements, so that the socket buffer never fills */

struct identity {
    uint64_t device, inode;
};

struct message {
    uint64_t count;
    struct identity identity[BATCH];
};

static void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void expand_fd_table(int files) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int high = fcntl(0, F_DUPFD, files + 64);
    if (high < 0) {
        die("RLIMIT_NOFILE is too low");
    }
    close(high);
}

static void send_batch(int socket, struct message *message, const int *fds) {
    static char control[CMSG_SPACE(BATCH * sizeof(int))];
    struct iovec data = {message, sizeof(uint64_t) + message->count * sizeof(struct identity)};
    struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(message->count * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(message->count * sizeof(int));
    memcpy(CMSG_DATA(rights), fds, message->count * sizeof(int));
    if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
        die("sendmsg");
    }
}

static int receive_batch(int socket, struct message *message, int *fds) {
    static char control[CMSG_SPACE(BATCH * sizeof(int))];
    struct iovec data = {message, sizeof *message};
    struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (got <= 0) {
        return 0;
    }
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    int count = rights == NULL ? 0 : (int)((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if ((header.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) || (uint64_t)count != message->count) {
        fprintf(stderr, "floor: files lost on the way\n");
        exit(1);
    }
    memcpy(fds, CMSG_DATA(rights), count * sizeof(int));
    for (int i = 0; i < count; i++) {
        struct stat found;
        if (fstat(fds[i], &found) < 0 || found.st_dev != message->identity[i].device
            || found.st_ino != message->identity[i].inode) {
            fprintf(stderr, "floor: another file came than was sent\n");
            exit(1);
        }
    }
    return count;
}

static uint64_t sum_image(int fd, size_t bytes) {
    uint64_t sum = 0;
    uint64_t *words = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (words == MAP_FAILED) {
        die("mmap image");
    }
    for (size_t i = 0; i < bytes / 8; i++) {
        sum += words[i];
    }
    munmap(words, bytes);
    return sum;
}

static void receiver(int socket, int files, size_t bytes) {
    static struct message message;
    int *fds = malloc((files + BATCH + 1) * sizeof(int));
    expand_fd_table(files);
    for (;;) {
        if (!receive_batch(socket, &message, fds)) {
            exit(0);
        }
        int got = 1;
        for (int batch = 1; got < files + 1; batch++) {
            got += receive_batch(socket, &message, fds + got);
            if (batch % WINDOW == 0 && send(socket, "w", 1, 0) < 0) {
                die("acknowledge window");
            }
        }
        uint64_t sum = sum_image(fds[0], bytes);
        if (send(socket, &sum, sizeof sum, 0) < 0) {
            die("acknowledge");
        }
        for (int i = 0; i < got; i++) {
            close(fds[i]);
        }
        if (send(socket, "c", 1, 0) < 0) {
            die("say closed");
        }
    }
}

static double hand_over(int socket, int files, const int *fds, const struct identity *identity, int image, void *to,
                        const void *from, size_t bytes) {
    static struct message message;
    uint64_t sum;
    char answer;
    double start = now_ms();
    memcpy(to, from, bytes);
    message.count = 1;
    message.identity[0] = identity[files];
    send_batch(socket, &message, &image);
    for (int sent = 0, batch = 1; sent < files; batch++) {
        message.count = files - sent < BATCH ? files - sent : BATCH;
        memcpy(message.identity, identity + sent, message.count * sizeof(struct identity));
        send_batch(socket, &message, fds + sent);
        sent += message.count;
        if (batch % WINDOW == 0 && recv(socket, &answer, 1, 0) != 1) {
            die("window");
        }
    }
    if (recv(socket, &sum, sizeof sum, 0) != sizeof sum) {
        die("no acknowledgement");
    }
    double took = now_ms() - start;
    if (recv(socket, &answer, 1, 0) != 1) {
        die("receiver");
    }
    return took;
}

static struct identity identify(int fd) {
    struct stat found;
    if (fstat(fd, &found) < 0) {
        die("fstat");
    }
    return (struct identity){found.st_dev, found.st_ino};
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: floor FILES IMAGE_BYTES RUNS\n");
        return 2;
    }
    int files = atoi(argv[1]), runs = atoi(argv[3]), pair[2];
    size_t bytes = ((size_t)atoll(argv[2]) + 7) & ~(size_t)7;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        die("socketpair");
    }
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        receiver(pair[1], files, bytes);
    }
    close(pair[1]);
    expand_fd_table(files);
    int *fds = malloc((files + 1) * sizeof(int));
    struct identity *identity = malloc((files + 1) * sizeof(struct identity));
    for (int i = 0; i < files; i++) {
        if ((fds[i] = memfd_create("floor", MFD_CLOEXEC)) < 0 || ftruncate(fds[i], 4096) < 0) {
            die("memfd_create");
        }
        identity[i] = identify(fds[i]);
    }
    int image = memfd_create("image", MFD_CLOEXEC);
    if (image < 0 || ftruncate(image, bytes) < 0) {
        die("image");
    }
    identity[files] = identify(image);
    void *to = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, image, 0);
    char *from = malloc(bytes);
    memset(from, 1, bytes);
    for (int i = 0; i < runs + 2; i++) { /* two more, to warm up */
        double took = hand_over(pair[0], files, fds, identity, image, to, from, bytes);
        if (i >= 2) {
            printf("%.4f\n", took);
        }
    }
    close(pair[0]);
    waitpid(child, NULL, 0);
    return 0;
}
