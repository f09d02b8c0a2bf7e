// SPDX-License-Identifier: Apache-2.0
/*
 * Lets a program written for /dev/liveupdate work with the platform: under LD_PRELOAD, open() of the device and ioctl()
 * of its type become messages on the platform's socket (docs/wire.md). The server checks and decides everything; flags
 * tell it what it cannot see. No table, no lock: an fd is asked whether it is ours, each call has a reply socket of its
 * own. So threads, fork, dup and passed fds just work. Only the kernel touches the program's memory.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define DEVICE "/dev/liveupdate"
#define MOST 72 /* bytes of the largest argument */
enum { CREATE_SESSION = 0xBA00, RETRIEVE_SESSION = 0xBA01, PRESERVE_FD = 0xBA40, RETRIEVE_FD = 0xBA41 };
enum { NO_SIZE = 1, TAIL_NOT_ZERO = 2, UNREADABLE = 4 };
struct request { uint32_t cmd, flags; char bytes[MOST]; };
struct reply { int32_t error; char bytes[MOST]; };
struct rights { struct cmsghdr header; int fds[2]; };

/* Copies from the program as far as it can; returns how far. Where the system call is forbidden, directly. */
static size_t fetch(void *to, const void *from, size_t length) {
    int before = errno;
    ssize_t n = process_vm_readv(getpid(), &(struct iovec){to, length}, 1, &(struct iovec){(void *)from, length}, 1, 0);
    if (n < 0 && errno != EFAULT) memcpy(to, from, n = length);
    errno = before;
    return n < 0 ? 0 : n;
}

static size_t store(void *to, void *from, size_t length) {
    ssize_t n = process_vm_writev(getpid(), &(struct iovec){from, length}, 1, &(struct iovec){to, length}, 1, 0);
    if (n < 0 && errno != EFAULT) memcpy(to, from, n = length);
    return n < 0 ? 0 : n;
}

static int is_device(const char *path) {
    char found[sizeof DEVICE];
    return fetch(found, path, sizeof found) == sizeof found && memcmp(found, DEVICE, sizeof found) == 0;
}

static int find(struct sockaddr_un *at) {
    const char *given = getenv("LUO_DEVICE_SOCKET"), *luo = getenv("LUO_DIR"), *user = getenv("XDG_RUNTIME_DIR");
    const char *all[][2] = {{given, ""}, {luo, "/liveupdate"}, {"/run", "/luo/liveupdate"}, {user, "/luo/liveupdate"}};
    for (int i = 0; i < (given == NULL ? 4 : 1); i++) {
        const char *where = all[i][0], *name = all[i][1];
        if (where == NULL || strlen(where) + strlen(name) >= sizeof at->sun_path) continue;
        if (access(strcat(strcpy(at->sun_path, where), name), F_OK) == 0) return 1;
    }
    return 0;
}

/* Connects and waits for the message that says whether the device is open; 0 or an errno. */
static int greet(int fd, const struct sockaddr_un *at) {
    int32_t error; ssize_t n;
    while ((n = connect(fd, (const struct sockaddr *)at, sizeof *at)) < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EACCES || errno == EPERM || errno == ENOMEM ? errno : ENOENT;
    while ((n = recv(fd, &error, sizeof error, MSG_TRUNC)) < 0 && errno == EINTR) continue;
    if (n == sizeof error && error == 0) poll(&(struct pollfd){fd, POLLIN, 0}, 1, 1000); /* the end, which follows */
    return n <= 0 ? ENOENT : n == sizeof error && error >= 0 && error < 4096 ? error : EIO;
}

/* An fd or a negative errno, as what follows. O_PATH opens nothing. */
static int open_device(int flags) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!find(&at)) return -ENOENT;
    if (flags & O_DIRECTORY) return -ENOTDIR;
    if ((flags & (O_PATH | O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) return -EEXIST;
    int fd = flags & O_PATH ? (int)syscall(SYS_openat, AT_FDCWD, at.sun_path, flags & (O_PATH | O_CLOEXEC))
                            : socket(AF_UNIX, SOCK_SEQPACKET | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0), 0);
    int error = fd < 0 ? errno : flags & O_PATH ? 0 : greet(fd, &at);
    if (error != 0 && fd >= 0) close(fd);
    return error != 0 ? -error : fd;
}

static int is_ours(int fd) {
    int domain, type, before = errno;
    socklen_t length = sizeof domain;
    int ours = getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX
            && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
    errno = before;
    return ours;
}

/* Takes what is to be sent of the argument and looks through the rest; returns how many bytes are to be sent. */
static size_t take(struct request *request, const char *argument) {
    char chunk[1024];
    uint32_t size;
    size_t got = fetch(request->bytes, argument, MOST);
    memcpy(&size, request->bytes, sizeof size);
    size_t wanted = size < sizeof size ? sizeof size : size < MOST ? size : MOST;
    if (got < wanted) return request->flags = got < sizeof size ? NO_SIZE : UNREADABLE, got < sizeof size ? 0 : got;
    for (size_t at = wanted; at < size && request->flags == 0; at += sizeof chunk) {
        size_t length = size - at < sizeof chunk ? size - at : sizeof chunk, n = fetch(chunk, argument + at, length);
        if (n > 0 && (chunk[0] != 0 || memcmp(chunk, chunk + 1, n - 1) != 0)) request->flags = TAIL_NOT_ZERO;
        else if (n < length) request->flags = UNREADABLE;
    }
    return wanted;
}

/* Sends a request with the reply socket and the file that is to be preserved, if it is open; 0 or an errno. */
static int ask(int fd, struct request *request, size_t length, int reply, int file) {
    struct rights rights = {{.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}, {reply, file}};
    struct msghdr message = {.msg_iov = &(struct iovec){request, 8 + length}, .msg_iovlen = 1, .msg_control = &rights};
    for (int count = file < 0 ? 1 : 2;;) {
        message.msg_controllen = rights.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0) return 0;
        if (errno == EAGAIN) poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1); /* the program made it non-blocking */
        else if (errno == EBADF && count == 2) count = 1; /* closed meanwhile */
        else if (errno != EINTR) return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? ESTALE : errno;
    }
}

/* Waits for the reply or the server's end; how many bytes or a negative errno. Takes the fd that came, if one did. */
static ssize_t hear(int fd, int from, struct reply *reply, int *passed) {
    struct rights rights;
    struct msghdr message = {.msg_iov = &(struct iovec){reply, sizeof *reply}, .msg_iovlen = 1, .msg_control = &rights};
    struct pollfd ready[2] = {{from, POLLIN, 0}, {fd, 0, 0}}; /* a child forked just now keeps the reply socket open */
    ssize_t n;
    do {
        if (poll(ready, 2, -1) < 0) ready[1].revents = 0;
        if (ready[1].revents & POLLNVAL) ready[1].fd = -1; /* closed by another thread */
        message.msg_controllen = CMSG_LEN(4);
        n = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EAGAIN && ready[1].revents & POLLHUP) return -ESTALE;
    } while (n < 0 && (errno == EAGAIN || errno == EINTR));
    if (n < 0) return -errno;
    if (message.msg_controllen >= CMSG_LEN(4) && rights.header.cmsg_type == SCM_RIGHTS) *passed = rights.fds[0];
    if (n == 0) return -ESTALE;
    if (n < 4 || message.msg_flags & MSG_TRUNC || reply->error < 0 || reply->error > 4095) return -EIO;
    return reply->error != 0 ? -reply->error : message.msg_flags & MSG_CTRUNC ? -EMFILE : n - 4;
}

static int call(int fd, uint32_t cmd, char *argument) {
    struct request request = {.cmd = cmd};
    struct reply reply;
    int file = -1, got = -1, pair[2], creates = cmd == CREATE_SESSION || cmd == RETRIEVE_SESSION || cmd == RETRIEVE_FD;
    size_t sent = take(&request, argument);
    if (cmd == PRESERVE_FD && sent >= 8) memcpy(&file, request.bytes + 4, sizeof(int));
    int flags = file < 0 ? -1 : fcntl(file, F_GETFL); /* before there are fds of ours, whose number it may have */
    if (flags < 0 || flags & O_PATH) file = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
    ssize_t result = -ask(fd, &request, sent, pair[0], file);
    close(pair[0]); /* the lowest free number, as the kernel would give it, for the fd that we get */
    if (result == 0) result = hear(fd, pair[1], &reply, &got);
    close(pair[1]);
    if (result >= 0 && (result > (ssize_t)sent || creates != (got >= 0) || (creates && result < 8))) result = -EIO;
    if (result >= 0 && creates) memcpy(reply.bytes + 4, &got, sizeof(int));
    if (result >= 0 && store(argument, reply.bytes, result) < (size_t)result) result = -EFAULT;
    if (result < 0 && got >= 0) close(got);
    return result < 0 ? (int)result : 0;
}

/* Opens the device if there is no fd yet, else calls. The kernel's ioctl() is no place to be cancelled at. */
static int emulate(int fd, uint32_t cmd, char *argument, int flags) {
    int before = errno, cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    int result = fd < 0 ? open_device(flags) : call(fd, cmd, argument);
    pthread_setcancelstate(cancel, NULL);
    errno = result < 0 ? -result : before;
    return result < 0 ? -1 : result;
}

/* Stands before a function of the C library; until the constructors have run there is only the system call. */
#define BEFORE(name, ...) \
    static int (*next_##name)(__VA_ARGS__, ...); \
    __attribute__((constructor)) static void find_##name(void) { next_##name = dlsym(RTLD_NEXT, #name); } \
    int name(__VA_ARGS__, ...)
#define LAST(type, after) ({ va_list list; va_start(list, after); type last = va_arg(list, type); va_end(list); last; })

BEFORE(ioctl, int fd, unsigned long cmd) {
    char *argument = LAST(char *, cmd);
    if ((cmd >> 8 & 0xff) == 0xBA && is_ours(fd)) return emulate(fd, cmd, argument, 0);
    return next_ioctl != NULL ? next_ioctl(fd, cmd, argument) : (int)syscall(SYS_ioctl, fd, cmd, argument);
}

#define OPEN(name, at, arguments, ...) \
    BEFORE(name, __VA_ARGS__) { \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? LAST(mode_t, flags) : 0; \
        if (is_device(path)) return emulate(-1, 0, NULL, flags); \
        return next_##name != NULL ? next_##name arguments : (int)syscall(SYS_openat, at, path, flags, mode); \
    }
OPEN(open, AT_FDCWD, (path, flags, mode), const char *path, int flags)
OPEN(open64, AT_FDCWD, (path, flags, mode), const char *path, int flags)
OPEN(openat, fd, (fd, path, flags, mode), int fd, const char *path, int flags)
OPEN(openat64, fd, (fd, path, flags, mode), int fd, const char *path, int flags)
int __open_2(const char *path, int flags) { return open(path, flags); } /* called under _FORTIFY_SOURCE, as these: */
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int fd, const char *path, int flags) { return openat(fd, path, flags); }
int __openat64_2(int fd, const char *path, int flags) { return openat64(fd, path, flags); }
