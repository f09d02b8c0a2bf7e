// SPDX-License-Identifier: Apache-2.0
/*
 * What a workload does, for the trip across kexecs. Where /dev/liveupdate leads to is decided by who starts it: the
 * kernel's, or with "luo exec" the platform's.
 *
 * client preserve SESSION FILES BYTES   makes memfds, preserves them in a session, says so, and holds it
 * client bare SESSION FILES BYTES       the same, and ends
 * client stuck SESSION FILES BYTES      as preserve, memfds that can't cross a kexec
 * client huge SESSION FILES BYTES       as preserve, memfds of huge pages
 * client rival SESSION FILES BYTES      as preserve; for each line that it reads, it gives the same files to the kernel itself,
 *                                       whatever it was started by, says how long that took, and takes them back
 * client verify SESSION FILES BYTES     retrieves the session, compares every byte, finishes
 * client agent ID FILES BYTES           subscribes, and preserves whenever it is asked
 * client claim ID FILES BYTES           claims the session, compares every byte, finishes
 * client ask COMMAND [JSON]             asks the platform's administration socket and prints its answer
 * client no-reboot PROGRAM...           becomes a program for which reboot(2) fails with EIO
 * client hand-in NAME PROGRAM...        becomes a program that gets a kernel's incoming session handed in, or as - the device
 * client luod SOCKET                    is an agent that has the kernel's device: asks who subscribes, waits for READY; gives
 *                                       who claims what came over
 * client kexec 0 0 0                     boots the kernel that is loaded, as the end of a shutdown does
 *
 * The sockets are in LUO_DIR.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct session { uint32_t size; int32_t fd; char name[64]; };
struct file { uint32_t size; int32_t fd; uint64_t token; };
struct finish { uint32_t size, reserved; };
enum { CREATE_SESSION = 0xBA00, RETRIEVE_SESSION, PRESERVE_FD = 0xBA40, RETRIEVE_FD, FINISH };

static void die(const char *what) {
    printf("client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Sizes differ and are no multiples of pages. */
static size_t size_of(long file, long files, long bytes) {
    size_t even = (size_t)(bytes / files);
    return even < 4096 ? even : even - (size_t)(file * 8 % 4096);
}

static uint64_t word(const char *session, long file, size_t index) {
    uint64_t hash = (uint64_t)file << 40 ^ index;
    for (const char *c = session; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    }
    return hash ^ hash >> 29;
}

static int session_of(int command, const char *name) {
    struct session argument = {.size = sizeof argument};
    snprintf(argument.name, sizeof argument.name, "%s", name);
    int device = open("/dev/liveupdate", O_RDWR | O_CLOEXEC);
    if (device < 0) die("open /dev/liveupdate");
    if (ioctl(device, (unsigned)command, &argument) < 0) die(name);
    close(device);
    return argument.fd;
}

/* MFD_NOEXEC_SEAL makes a file that would come back from a kexec as something else. */
static unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;

/* Keeps the fds where there is room for them. */
static void preserve(int session, const char *name, long files, long bytes, int *fds) {
    uint64_t spent = 0, total = 0;
    for (long i = 0; i < files; i++) {
        size_t size = size_of(i, files, bytes);
        int fd = memfd_create(name, flags);
        if (fd < 0 || ftruncate(fd, (off_t)size) < 0) die("memfd");
        uint64_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED) die("mmap");
        for (size_t at = 0; at < size / 8; at++) memory[at] = word(name, i, at);
        munmap(memory, size);
        struct file argument = {.size = sizeof argument, .fd = fd, .token = (uint64_t)i};
        uint64_t start = now();
        if (ioctl(session, PRESERVE_FD, &argument) < 0) die("preserve");
        spent += now() - start;
        total += size;
        if (fds) fds[i] = fd; else close(fd);
    }
    printf("preserved %s: %ld files, %llu bytes, %llu ns in ioctls\n", name, files, (unsigned long long)total,
           (unsigned long long)spent);
}

/* System calls of its own, so that the library that leads to the platform does not see them. */
static uint64_t bare(const int *fds, long files) {
    struct session session = {.size = sizeof session, .name = "rival"};
    long device = syscall(SYS_openat, AT_FDCWD, "/dev/liveupdate", O_RDWR | O_CLOEXEC);
    if (device < 0) die("open the kernel's /dev/liveupdate");
    if (syscall(SYS_ioctl, device, CREATE_SESSION, &session) < 0) die("create a kernel session");
    close((int)device);
    uint64_t start = now();
    for (long i = 0; i < files; i++) {
        struct file argument = {.size = sizeof argument, .fd = fds[i], .token = (uint64_t)i};
        if (syscall(SYS_ioctl, session.fd, PRESERVE_FD, &argument) < 0) die("preserve in the kernel");
    }
    uint64_t spent = now() - start;
    close(session.fd);
    return spent;
}

static void rival(int session, const char *name, long files, long bytes) {
    int *fds = calloc((size_t)files, sizeof *fds);
    char line[16];
    if (!fds) die("calloc");
    preserve(session, name, files, bytes, fds);
    while (fgets(line, sizeof line, stdin)) {
        printf("%llu\n", (unsigned long long)bare(fds, files));
    }
    free(fds);
}

static void verify(int session, const char *name, long files, long bytes) {
    uint64_t spent = 0, total = 0;
    for (long i = 0; i < files; i++) {
        struct file argument = {.size = sizeof argument, .fd = -1, .token = (uint64_t)i};
        uint64_t start = now();
        if (ioctl(session, RETRIEVE_FD, &argument) < 0) die("retrieve");
        spent += now() - start;
        struct stat stat;
        size_t size = size_of(i, files, bytes);
        if (fstat(argument.fd, &stat) < 0 || (size_t)stat.st_size != size) die("size");
        uint64_t *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, argument.fd, 0);
        if (memory == MAP_FAILED) die("mmap");
        for (size_t at = 0; at < size / 8; at++) {
            if (memory[at] != word(name, i, at)) {
                printf("client: %s: file %ld differs at word %zu\n", name, i, at);
                exit(1);
            }
        }
        munmap(memory, size);
        close(argument.fd);
        total += size;
    }
    struct finish finish = {.size = sizeof finish};
    if (ioctl(session, FINISH, &finish) < 0) die("finish");
    printf("verified %s: %ld files, %llu bytes, %llu ns in ioctls\n", name, files, (unsigned long long)total,
           (unsigned long long)spent);
}

static int connect_to(const char *socket_name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", getenv("LUO_DIR"), socket_name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die(address.sun_path);
    return fd;
}

/* Reads a line; the fd that comes with it, or -1. */
static int receive(int socket, char *line, size_t size) {
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
    int fd = -1;
    for (size_t length = 0; length < size - 1;) {
        struct iovec part = {line + length, size - 1 - length};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                                 .msg_controllen = sizeof control};
        ssize_t more = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        if (more <= 0) die("the platform has gone");
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
        length += (size_t)more;
        line[length] = 0;
        if (line[length - 1] == '\n') break;
    }
    return fd;
}

static int ask_for_session(int socket, const char *format, const char *id) {
    char line[4096];
    dprintf(socket, format, id);
    int session = receive(socket, line, sizeof line);
    if (session < 0) {
        printf("client: agent: %s", line);
        exit(1);
    }
    return session;
}

static int ask(const char *command, const char *arguments) {
    static char line[1 << 20];
    int socket = connect_to("admin.sock");
    dprintf(socket, "{\"command\":\"%s\",\"arguments\":%s}\n", command, arguments);
    receive(socket, line, sizeof line);
    fputs(line, stdout);
    return strncmp(line, "{\"result\"", 9) != 0;
}

static int without_reboot(char **words) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_reboot, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        die("seccomp");
    }
    execvp(words[0], words);
    die(words[0]);
    return 1;
}

/* As a service manager hands in what it has. */
static int hand_in(char **words) {
    int fd = strcmp(words[0], "-") ? session_of(RETRIEVE_SESSION, words[0]) : open("/dev/liveupdate", O_RDWR);
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    if (fd < 0 || (fd != 3 && dup2(fd, 3) < 0) || fcntl(3, F_SETFD, 0) < 0) die("hand in");
    if (setenv("LISTEN_PID", pid, 1) || setenv("LISTEN_FDS", "1", 1) || setenv("LISTEN_FDNAMES", "luo", 1)) die("setenv");
    execvp(words[1], words + 1);
    die(words[1]);
    return 1;
}

static void say(int socket, const char *line, int fd) {
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = {0};
    struct iovec part = {(char *)line, strlen(line)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof control};
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (sendmsg(socket, &message, 0) < 0) die("say");
}

/* Has the device for as long as it lives, and so has nobody else. */
_Noreturn static void luod(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int device = open("/dev/liveupdate", O_RDWR | O_CLOEXEC), listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (device < 0) die("open /dev/liveupdate");
    if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 8) < 0) die(path);
    printf("luod listens\n");
    for (;;) {
        char line[4096], id[64], *name;
        int client = accept(listening, NULL, NULL);
        if (recv(client, line, 1, MSG_PEEK) <= 0) { /* somebody who looks whether we are there */
            close(client);
            continue;
        }
        receive(client, line, sizeof line);
        if (!(name = strstr(line, "\"id\":\"")) || sscanf(name, "\"id\":\"%63[^\"]", id) != 1) die(line);
        int claims = strstr(line, "CLAIM") != NULL;
        if (!claims && !strstr(line, "SUBSCRIBE")) die(line);
        struct session argument = {.size = sizeof argument};
        memcpy(argument.name, id, sizeof id);
        if (ioctl(device, claims ? RETRIEVE_SESSION : CREATE_SESSION, &argument) < 0) die(id);
        if (claims) {
            say(client, "{\"event\":\"CLAIMED\",\"id\":\"org.luo\"}\n", argument.fd);
            close(argument.fd);
            close(client);
            printf("luod: %s has claimed its session\n", id);
            continue;
        }
        say(client, "{\"event\":\"START_PRESERVATION\",\"id\":\"org.luo\"}\n", argument.fd);
        receive(client, line, sizeof line);
        printf("luod: %s keeps its session, having said %s", id, line);
    }
}

int main(int count, char **words) {
    const char *mode = count > 1 ? words[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count > 2 && !strcmp(mode, "ask")) return ask(words[2], count > 3 ? words[3] : "{}");
    if (count > 2 && !strcmp(mode, "no-reboot")) return without_reboot(words + 2);
    if (count > 3 && !strcmp(mode, "hand-in")) return hand_in(words + 2);
    if (count > 2 && !strcmp(mode, "luod")) luod(words[2]);
    if (count < 5) return 2;
    long files = atol(words[3]), bytes = atol(words[4]);
    if (!strcmp(mode, "preserve") || !strcmp(mode, "bare") || !strcmp(mode, "stuck") || !strcmp(mode, "huge")) {
        if (!strcmp(mode, "stuck")) flags |= 8; /* MFD_NOEXEC_SEAL, which older headers lack */
        if (!strcmp(mode, "huge")) flags |= MFD_HUGETLB;
        preserve(session_of(CREATE_SESSION, words[2]), words[2], files, bytes, NULL);
        while (strcmp(mode, "bare")) pause();
    } else if (!strcmp(mode, "rival")) {
        rival(session_of(CREATE_SESSION, words[2]), words[2], files, bytes);
    } else if (!strcmp(mode, "verify")) {
        verify(session_of(RETRIEVE_SESSION, words[2]), words[2], files, bytes);
    } else if (!strcmp(mode, "agent")) {
        int socket = connect_to("agent.sock");
        char line[4096];
        dprintf(socket, "{\"cmd\":\"SUBSCRIBE\",\"id\":\"%s\"}\n", words[2]);
        for (;;) { /* also again, after an update that did not happen */
            int session = receive(socket, line, sizeof line);
            if (session >= 0) {
                preserve(session, words[2], files, bytes, NULL);
                dprintf(socket, "{\"cmd\":\"READY\"}\n");
                close(session);
            }
        }
    } else if (!strcmp(mode, "claim")) {
        int socket = connect_to("agent.sock");
        verify(ask_for_session(socket, "{\"cmd\":\"CLAIM\",\"id\":\"%s\"}\n", words[2]), words[2], files, bytes);
    } else if (!strcmp(mode, "kexec")) {
        syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
        die("reboot");
    }
    return 0;
}
