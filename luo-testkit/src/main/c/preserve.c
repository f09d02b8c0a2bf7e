// SPDX-License-Identifier: Apache-2.0
/* Which files are taken, under which tokens, and how often. */
#include "wire.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#define TMPFS "/dev/shm"

/* Asks in a session of its own. */
static void offer(const char *step, int fd) {
    int session = outgoing("offer");
    say_result(step, fd < 0 ? -ENODEV : preserve(session, fd, 1));
    close(session);
    if (fd >= 0) {
        close(fd);
    }
}

static void memory_files(void) {
    offer("memfd", memfd(0));
    offer("memfd-sealing", memfd(MFD_ALLOW_SEALING));
    offer("memfd-cloexec", memfd(MFD_CLOEXEC));
    offer("memfd-noexec", memfd(MFD_NOEXEC_SEAL));
    offer("memfd-exec", memfd(MFD_EXEC));
    offer("memfd-huge", memfd(MFD_HUGETLB));
    offer("memfd-with-contents", memfd_with("contents"));
    offer("memfd-read-only", reopened(memfd(0), O_RDONLY));
    offer("memfd-write-only", reopened(memfd(0), O_WRONLY));
    offer("memfd-append", reopened(memfd(0), O_RDWR | O_APPEND));
    offer("memfd-path-only", reopened(memfd(0), O_PATH));
    int sparse = memfd(0);
    need(ftruncate(sparse, 1 << 20) == 0, "ftruncate failed");
    offer("memfd-sparse", sparse);
    int sealed = memfd(MFD_ALLOW_SEALING);
    need(fcntl(sealed, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0, "sealing failed");
    offer("memfd-sealed", sealed);
}

static void linked_files(void) {
    const char *path = TMPFS "/luo-wire-linked", *second = TMPFS "/luo-wire-second";
    unlink(path);
    unlink(second);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    need(fd >= 0, "no file in " TMPFS);
    offer("linked", dup(fd));
    need(link(path, second) == 0 && unlink(path) == 0, "link failed");
    offer("one-link-left", dup(fd));
    unlink(second);
    offer("unlinked", dup(fd));
    int nameless = open(TMPFS, O_RDWR | O_TMPFILE, 0600);
    offer("tmpfile", dup(nameless));
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", nameless);
    need(linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0, "linkat failed");
    offer("tmpfile-linked", nameless);
    unlink(path);
}

static void other_kinds(void) {
    int pipe_ends[2], sockets[2];
    need(pipe(pipe_ends) == 0, "pipe failed");
    socket_pair(sockets);
    offer("dev-null", open("/dev/null", O_RDWR));
    offer("dev-zero", open("/dev/zero", O_RDWR));
    offer("pipe-read", pipe_ends[0]);
    offer("pipe-write", pipe_ends[1]);
    offer("socket", sockets[0]);
    offer("internet-socket", socket(AF_INET, SOCK_STREAM, 0));
    offer("eventfd", eventfd(0, 0));
    offer("epoll", epoll_create1(0));
    offer("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
    offer("directory", open("/dev", O_RDONLY | O_DIRECTORY));
    offer("directory-tmpfs", open(TMPFS, O_RDONLY | O_DIRECTORY));
    offer("proc", open("/proc/self/stat", O_RDONLY));
    offer("path-only", open("/dev/null", O_PATH));
}

/* Memory shared between processes is such a file as well; the kernel shows it to those who may look. */
static void mapped_memory(void) {
    char path[64];
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap failed");
    *memory = 1;
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)memory, (unsigned long)memory + PAGE);
    offer("shared-anonymous", open(path, O_RDWR));
    char *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, memfd_with("private"), 0);
    need(mapped != MAP_FAILED, "mmap failed");
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)mapped, (unsigned long)mapped + PAGE);
    offer("memfd-mapping", open(path, O_RDWR));
}

static void ours(void) {
    int from = device(), session = create(from, "ours"), other = create(from, "other");
    say_result("device", preserve(session, from, 1));
    say_result("itself", preserve(session, session, 1));
    say_result("other-session", preserve(session, other, 1));
    say_result("works-afterwards", preserve(session, memfd(0), 1));
}

static void bad_fds(void) {
    int session = outgoing("bad-fds"), closed = memfd(0);
    close(closed);
    say_result("negative", preserve(session, -1, 1));
    say_result("at-cwd", preserve(session, AT_FDCWD, 1));
    say_result("closed", preserve(session, closed, 1));
    say_result("large", preserve(session, 1 << 20, 1));
    say_result("largest", preserve(session, INT32_MAX, 1));
    say_result("lowest", preserve(session, INT32_MIN, 1));
}

static void tokens(void) {
    int session = outgoing("tokens"), other = outgoing("tokens-2"), twin = memfd(0);
    say_result("zero", preserve(session, memfd(0), 0));
    say_result("all-ones", preserve(session, memfd(0), UINT64_MAX));
    say_result("top-bit", preserve(session, memfd(0), 1ull << 63));
    say_result("zero-again", preserve(session, memfd(0), 0));
    say_result("all-ones-again", preserve(session, memfd(0), UINT64_MAX));
    say_result("all-ones-in-other", preserve(other, memfd(0), UINT64_MAX));
    say_result("taken-bad-fd", preserve(session, -1, 0));
    say_result("taken-wrong-kind", preserve(session, open("/dev/null", O_RDWR), 0));
    say_result("taken-same-file", (preserve(session, twin, 7), preserve(session, twin, 7)));
    say_result("refused", preserve(session, open("/dev/null", O_RDWR), 8));
    say_result("refused-is-free", preserve(session, memfd(0), 8));
}

static void same_file(void) {
    int session = outgoing("same"), other = outgoing("same-2"), file = memfd_with("abc");
    say_result("first", preserve(session, file, 1));
    say_result("other-token", preserve(session, file, 2));
    say_result("other-session", preserve(other, file, 1));
    say_result("duplicate", preserve(other, dup(file), 2));
    say_result("reopened", preserve(other, reopened(file, O_RDWR), 3));
    say_result("reopened-read-only", preserve(other, reopened(file, O_RDONLY), 4));
    close(session);
    say_result("after-close", preserve(other, file, 1));
}

static void read_only_argument(void) {
    int session = outgoing("read-only"), file = memfd(0);
    struct file_arg *arg = (struct file_arg *)edge(PAGE);
    *arg = (struct file_arg){.size = sizeof *arg, .fd = file, .token = 1};
    read_only(arg);
    say_result("preserve", call(session, PRESERVE_FD, arg));
    say_result("token", preserve(session, memfd(0), 1));
    say_result("file", preserve(session, file, 2));
}

static void no_fds_left(void) {
    int session = outgoing("no-fds"), file = memfd(0);
    no_more_fds(0);
    say_result("preserve", preserve(session, file, 1));
    fds_again();
    say_result("preserve-afterwards", preserve(session, file, 1));
}

static void fd_is_not_kept(void) {
    int session = outgoing("not-kept"), file = memfd_with("abc");
    say_result("preserve", preserve(session, file, 1));
    close(file);
    int next = memfd(0);
    say("number-is-free", "%s", next == file ? "yes" : "no");
    say_result("next-under-its-number", preserve(session, next, 2));
}

static void many(void) {
    int session = outgoing("many-files"), kept = 0;
    many_fds();
    while (kept < 500 && preserve(session, memfd(0), (uint64_t)kept) == 0) {
        kept++;
    }
    say("preserved", "%d", kept);
    say_result("first-token", preserve(session, memfd(0), 0));
    say_result("last-token", preserve(session, memfd(0), 499));
}

const struct wire_case preserve_cases[] = {
    {"kinds-memory", {memory_files}},
    {"kinds-linked", {linked_files}},
    {"kinds-other", {other_kinds}},
    {"kinds-mapped", {mapped_memory}},
    {"kinds-ours", {ours}},
    {"preserve-bad-fds", {bad_fds}},
    {"preserve-tokens", {tokens}},
    {"preserve-same-file", {same_file}},
    {"preserve-read-only-argument", {read_only_argument}},
    {"preserve-no-fds-left", {no_fds_left}},
    {"preserve-fd-is-not-kept", {fd_is_not_kept}},
    {"preserve-many", {many}},
    {0},
};
