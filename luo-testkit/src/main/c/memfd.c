// SPDX-License-Identifier: Apache-2.0
/* What can be done to a memfd while it is preserved, and once it is not. */
#include "wire.h"

#include <sys/stat.h>
#include <sys/uio.h>

#define SIZE (4 * PAGE)

static int file_of(size_t size) {
    int fd = memfd(MFD_ALLOW_SEALING);
    char page[PAGE];
    memset(page, 'x', sizeof page);
    for (size_t at = 0; at < size; at += sizeof page) {
        need(pwrite(fd, page, sizeof page, (off_t)at) == sizeof page, "pwrite failed");
    }
    return fd;
}

static void say_size(const char *step, int fd) {
    struct stat stat;
    need(fstat(fd, &stat) == 0, "fstat failed");
    say(step, "%lld", (long long)stat.st_size);
}

static void reading_and_writing(int fd) {
    char bytes[16] = "0123456789abcdef";
    say_result("read", RESULT(pread(fd, bytes, sizeof bytes, 0)));
    say_result("read-at-end", RESULT(pread(fd, bytes, sizeof bytes, SIZE)));
    say_result("write", RESULT(pwrite(fd, bytes, sizeof bytes, 100)));
    say_result("write-to-the-end", RESULT(pwrite(fd, bytes, sizeof bytes, SIZE - 16)));
    say_result("write-across-the-end", RESULT(pwrite(fd, bytes, sizeof bytes, SIZE - 8)));
    say_result("write-at-the-end", RESULT(pwrite(fd, bytes, sizeof bytes, SIZE)));
    say_result("write-far-beyond", RESULT(pwrite(fd, bytes, 1, 10 * SIZE)));
    say_result("write-nothing-at-the-end", RESULT(pwrite(fd, bytes, 0, SIZE)));
    int append = reopened(fd, O_RDWR | O_APPEND);
    say_result("append", RESULT(write(append, bytes, sizeof bytes)));
    struct iovec parts[2] = {{bytes, 8}, {bytes, 8}};
    say_result("writev-across-the-end", RESULT(pwritev(fd, parts, 2, SIZE - 8)));
    say_result("seek-data", RESULT(lseek(fd, 0, SEEK_DATA)));
    say_result("seek-hole", RESULT(lseek(fd, 0, SEEK_HOLE)));
    say_size("size-written", fd);
}

static void sizing(int fd) {
    say_result("truncate-same", RESULT(ftruncate(fd, SIZE)));
    say_result("truncate-larger", RESULT(ftruncate(fd, 2 * SIZE)));
    say_result("truncate-smaller", RESULT(ftruncate(fd, PAGE)));
    say_result("allocate-inside", RESULT(fallocate(fd, 0, 0, PAGE)));
    say_result("allocate-beyond", RESULT(fallocate(fd, 0, 0, 2 * SIZE)));
    say_result("allocate-keep-size", RESULT(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 2 * SIZE)));
    say_result("punch-hole", RESULT(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, PAGE)));
    say_result("reopened-truncate", RESULT(ftruncate(reopened(fd, O_RDWR), 2 * SIZE)));
    say_size("size-set", fd);
}

static void mapping(int fd) {
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), byte;
    say_result("map", memory == MAP_FAILED ? -errno : 0);
    if (memory == MAP_FAILED) {
        return;
    }
    memory[PAGE] = 'm';
    say("mapped-write-is-read", "%s", pread(fd, &byte, 1, PAGE) == 1 && byte == 'm' ? "yes" : "no");
    say_result("remove", RESULT(madvise(memory, PAGE, MADV_REMOVE)));
    say_result("dont-need", RESULT(madvise(memory, PAGE, MADV_DONTNEED)));
    munmap(memory, SIZE);
    memory = mmap(NULL, 4 * SIZE, PROT_READ, MAP_SHARED, fd, 0);
    say_result("map-beyond", memory == MAP_FAILED ? -errno : 0);
    munmap(memory, 4 * SIZE);
}

static void changing(int fd) {
    say_result("change-mode", RESULT(fchmod(fd, 0600)));
    say_result("set-nonblock", RESULT(fcntl(fd, F_SETFL, O_NONBLOCK)));
    say_result("seal-write", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    say_result("seal-future-write", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE)));
    say_result("seal-grow", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW)));
    say_result("seal-shrink", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)));
    say_result("seals", RESULT(fcntl(fd, F_GET_SEALS)));
}

static void everything(int fd) {
    reading_and_writing(fd);
    sizing(fd);
    mapping(fd);
    changing(fd);
}

static void while_preserved(void) {
    int session = outgoing("while-preserved"), fd = file_of(SIZE);
    say_result("preserve", preserve(session, fd, 1));
    everything(fd);
}

static void once_not(void) {
    int session = outgoing("once-not"), fd = file_of(SIZE);
    say_result("preserve", preserve(session, fd, 1));
    close(session);
    say_fd("probe", outgoing("once-not"));
    sizing(fd);
    mapping(fd);
    say_result("seal-write", RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
}

static void after_refusal(void) {
    int session = outgoing("after-refusal"), fd = file_of(SIZE);
    int other = outgoing("after-refusal-2");
    preserve(session, fd, 1);
    say_result("second", preserve(other, fd, 1));
    say_result("still-frozen", RESULT(ftruncate(fd, 2 * SIZE)));
    close(session);
    say_fd("probe", outgoing("after-refusal"));
    say_result("free", RESULT(ftruncate(fd, 2 * SIZE)));
}

static void holes(void) {
    int session = outgoing("holes"), fd = memfd(0);
    struct stat stat;
    need(ftruncate(fd, 1 << 20) == 0, "ftruncate failed");
    say_result("preserve", preserve(session, fd, 1));
    need(fstat(fd, &stat) == 0, "fstat failed");
    say("blocks", "%lld", (long long)stat.st_blocks);
    say_result("seek-data", RESULT(lseek(fd, 0, SEEK_DATA)));
}

static void empty(void) {
    int session = outgoing("empty"), fd = memfd(0);
    say_result("preserve", preserve(session, fd, 1));
    say_result("write", RESULT(pwrite(fd, "x", 1, 0)));
    say_result("truncate", RESULT(ftruncate(fd, PAGE)));
    say_size("size", fd);
}

const struct wire_case memfd_cases[] = {
    {"memfd-preserved", {while_preserved}},
    {"memfd-no-longer", {once_not}},
    {"memfd-refused", {after_refusal}},
    {"memfd-holes", {holes}},
    {"memfd-empty", {empty}},
    {0},
};
