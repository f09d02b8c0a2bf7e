// SPDX-License-Identifier: Apache-2.0
/* What a memfd is like when it comes back. */
#include "wire.h"

#include <sys/stat.h>

#define TMPFS "/dev/shm"
#define SIZE (2 * PAGE)

#define SEALABLE MFD_ALLOW_SEALING
#define REOPEN(flags) ((flags) | 1 << 30)

static int contents(unsigned flags) {
    int fd = memfd(flags);
    char page[PAGE];
    for (int at = 0; at < SIZE; at += PAGE) {
        memset(page, 'a' + at / PAGE, sizeof page);
        need(pwrite(fd, page, sizeof page, at) == sizeof page, "pwrite failed");
    }
    return fd;
}

static int empty(void) {
    return memfd(0);
}

static int tmpfile_(void) {
    int fd = open(TMPFS, O_RDWR | O_TMPFILE, 0640);
    need(fd >= 0 && pwrite(fd, "tmp", 3, 0) == 3, "no file in " TMPFS);
    return fd;
}

static int unlinked(void) {
    const char *path = TMPFS "/luo-wire-unlinked";
    int fd = open(path, O_RDWR | O_CREAT, 0640);
    need(fd >= 0 && unlink(path) == 0 && pwrite(fd, "was here", 8, 0) == 8, "no file in " TMPFS);
    return fd;
}

static int seal_exec(void) {
    int fd = contents(SEALABLE);
    need(fchmod(fd, 0600) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC) == 0, "sealing failed");
    return fd;
}

static void odd_size(int fd) {
    need(ftruncate(fd, 5001) == 0, "ftruncate failed");
}

static void sparse(int fd) {
    need(ftruncate(fd, 1 << 20) == 0, "ftruncate failed");
}

static void large(int fd) {
    need(pwrite(fd, "end", 3, (8 << 20) - 3) == 3 && fallocate(fd, 0, 0, 8 << 20) == 0, "pwrite failed");
}

static void seek(int fd) {
    lseek(fd, 1234, SEEK_SET);
}

static void seek_on(int fd) {
    lseek(fd, 3087, SEEK_CUR);
}

static void seek_beyond(int fd) {
    lseek(fd, 1 << 30, SEEK_SET);
}

static void mode(int fd) {
    need(fchmod(fd, 0604) == 0, "fchmod failed");
}

static void seal(int fd) {
    need(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0, "sealing failed");
}

static void write_to(int fd) {
    need(pwrite(fd, "after", 5, 3000) == 5, "pwrite failed");
}

static void write_mapped(int fd) {
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    need(memory != MAP_FAILED, "mmap failed");
    strcpy(memory + 5000, "through a mapping");
}

static void close_it(int fd) {
    close(fd);
}

static const struct {
    const char *step;
    unsigned flags;  /* of the memfd, unless it is made otherwise */
    int seals, reopen;  /* before it is preserved */
    int (*make)(void);
    void (*before)(int fd);
    void (*after)(int fd);
} files[] = {
    {.step = "plain"},
    {.step = "with-sealing", .flags = SEALABLE},
    {.step = "exec", .flags = MFD_EXEC | SEALABLE},
    {.step = "noexec", .flags = MFD_NOEXEC_SEAL},
    {.step = "cloexec", .flags = MFD_CLOEXEC},
    {.step = "seal-shrink", .flags = SEALABLE, .seals = F_SEAL_SHRINK},
    {.step = "seal-grow", .flags = SEALABLE, .seals = F_SEAL_GROW},
    {.step = "seal-write", .flags = SEALABLE, .seals = F_SEAL_WRITE},
    {.step = "seal-future-write", .flags = SEALABLE, .seals = F_SEAL_FUTURE_WRITE},
    {.step = "seal-exec", .make = seal_exec},
    {.step = "seal-all", .flags = SEALABLE, .seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE},
    {.step = "empty", .make = empty},
    {.step = "odd-size", .before = odd_size},
    {.step = "sparse", .before = sparse},
    {.step = "large", .before = large},
    {.step = "positioned", .before = seek},
    {.step = "positioned-beyond", .before = seek_beyond},
    {.step = "mode", .before = mode},
    {.step = "read-access", .reopen = REOPEN(O_RDONLY)},
    {.step = "write-access", .reopen = REOPEN(O_WRONLY)},
    {.step = "append", .reopen = REOPEN(O_RDWR | O_APPEND)},
    {.step = "nonblock", .reopen = REOPEN(O_RDWR | O_NONBLOCK)},
    {.step = "tmpfile", .make = tmpfile_},
    {.step = "unlinked", .make = unlinked},
    {.step = "written-after", .after = write_to},
    {.step = "mapped-after", .after = write_mapped},
    {.step = "position-after", .before = seek, .after = seek_on},
    {.step = "seal-after", .flags = SEALABLE, .after = seal},
    {.step = "mode-after", .after = mode},
    {.step = "closed-after", .after = close_it},
};
#define FILES (sizeof files / sizeof *files)

static int make(size_t i) {
    int fd = files[i].make ? files[i].make() : contents(files[i].flags);
    need(!files[i].seals || fcntl(fd, F_ADD_SEALS, files[i].seals) == 0, "sealing failed");
    if (files[i].before) {
        files[i].before(fd);
    }
    return files[i].reopen ? reopened(fd, files[i].reopen & ~REOPEN(0)) : fd;
}

static void leave_files(void) {
    int session = outgoing("returned");
    for (size_t i = 0; i < FILES; i++) {
        int fd = make(i);
        say_result(files[i].step, preserve(session, fd, i));
        if (files[i].after) {
            files[i].after(fd);
        }
    }
}

static void come_back(void) {
    int session = incoming("returned");
    for (size_t i = 0; i < FILES; i++) {
        int fd = retrieve(session, i);
        say_file(files[i].step, fd);
        close(fd);
    }
}

static void leave_use(void) {
    int session = outgoing("use");
    need(preserve(session, contents(MFD_ALLOW_SEALING), 1) == 0, "preserve failed");
    need(preserve(session, memfd(0), 2) == 0, "preserve failed");
}

/* What can be done with it: the same before and after the session is finished. */
static void use(void) {
    int session = incoming("use"), fd = retrieve(session, 1), none = retrieve(session, 2);
    say_result("write", RESULT(pwrite(fd, "new", 3, 10)));
    say_result("grow", RESULT(ftruncate(fd, 4 * SIZE)));
    say_result("write-grown", RESULT(pwrite(fd, "new", 3, 3 * SIZE)));
    say_result("punch-hole", RESULT(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, PAGE)));
    say_result("grow-empty", RESULT(ftruncate(none, PAGE)));
    say_result("finish", finish(session));
    say_result("grow-finished", RESULT(ftruncate(fd, 8 * SIZE)));
    say_result("shrink-finished", RESULT(ftruncate(fd, SIZE)));
    say_result("seal", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    say_result("write-sealed", RESULT(pwrite(fd, "new", 3, 10)));
    say_file("in-the-end", fd);
}

const struct wire_case returned_cases[] = {
    {"returned", {leave_files, come_back}},
    {"returned-use", {leave_use, use}},
    {0},
};
