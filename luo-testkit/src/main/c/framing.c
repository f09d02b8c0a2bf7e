// SPDX-License-Identifier: Apache-2.0
/* The number, the size and the memory of the argument: what is checked, and in which order. */
#include "wire.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#define NONE SIZE_MAX
#define MEGABYTE (1u << 20)

static const char *of;
static int target;
static unsigned command;
static size_t kernel_size;

static size_t size_of(unsigned number) {
    return number == FINISH ? 8 : number == PRESERVE_FD || number == RETRIEVE_FD ? 16 : 72;
}

/* An argument that would do. */
static void fill(unsigned char *bytes) {
    static uint64_t last;
    uint32_t size = (uint32_t)kernel_size;
    last++;
    memset(bytes, 0, kernel_size);
    memcpy(bytes, &size, sizeof size);
    if (command == PRESERVE_FD || command == RETRIEVE_FD) {
        struct file_arg arg = {.size = size, .fd = memfd(0), .token = 1000 + last};
        memcpy(bytes, &arg, sizeof arg);
    } else if (command == CREATE_SESSION || command == RETRIEVE_SESSION) {
        snprintf((char *)bytes + 8, NAME_BYTES, "framing-%d-%llu", (int)getpid(), (unsigned long long)last);
    }
}

static void ask(const char *step, void *memory) {
    char name[96];
    snprintf(name, sizeof name, "%s-%s", of, step);
    say_result(name, call(target, command, memory));
}

/* An argument that claims a size, in memory that ends after so many bytes, of which one may be other than zero. */
static void shape(const char *step, uint32_t claimed, size_t mapped, size_t marked) {
    unsigned char good[NAME_BYTES + 8], *memory = edge(mapped);
    fill(good);
    memcpy(good, &claimed, sizeof claimed);
    memcpy(memory, good, mapped < kernel_size ? mapped : kernel_size);
    if (marked != NONE) {
        memory[marked] = 1;
    }
    ask(step, memory);
}

static void sizes(void) {
    uint32_t k = (uint32_t)kernel_size;
    shape("size-0", 0, k, NONE);
    shape("size-4", 4, k, NONE);
    shape("size-one-less", k - 1, k, NONE);
    shape("size-exact", k, k, NONE);
    shape("size-one-more", k + 1, k + 1, NONE);
    shape("size-one-more-marked", k + 1, k + 1, k);
    shape("size-128", 128, 128, NONE);
    shape("size-128-marked-at-71", 128, 128, k < 72 ? 71 : 127);
    shape("size-128-marked-at-72", 128, 128, 72);
    shape("size-page-marked-at-end", PAGE, PAGE, PAGE - 1);
    shape("size-megabyte", MEGABYTE, MEGABYTE, NONE);
    shape("size-megabyte-marked-at-end", MEGABYTE, MEGABYTE, MEGABYTE - 1);
    shape("marked-beyond-size", k, 128, 100);
    shape("size-beyond-memory", k + 100, k, NONE);
    shape("size-beyond-memory-by-page", 3 * PAGE, 2 * PAGE, NONE);
    shape("size-beyond-memory-marked", k + 200, k + 100, k + 20);
    shape("size-4-gigabytes", UINT32_MAX, 2 * PAGE, NONE);
    shape("size-4-gigabytes-marked", UINT32_MAX, 2 * PAGE, 2 * PAGE - 100);
}

static void memory(void) {
    uint32_t k = (uint32_t)kernel_size;
    shape("memory-ends-in-size", k, 2, NONE);
    shape("memory-ends-after-size", k, 4, NONE);
    shape("memory-ends-one-early", k, k - 1, NONE);
    shape("memory-ends-early-size-short", k - 1, 4, NONE);
    ask("memory-null", NULL);
    ask("memory-none", (void *)0x1000);
    ask("memory-kernel", (void *)0xffff888000000000);
    unsigned char good[NAME_BYTES + 8], *odd = edge(kernel_size + 1);
    fill(good);
    memcpy(odd, good, kernel_size);
    ask("memory-unaligned", odd);
}

/* What the caller's memory looks like afterwards. */
static void left(const char *step, uint32_t claimed, size_t marked) {
    unsigned char before[256] = {0}, after[256];
    char name[96];
    fill(before);
    memcpy(before, &claimed, sizeof claimed);
    if (marked != NONE) {
        before[marked] = 1;
    }
    memcpy(after, before, sizeof after);
    int result = call(target, command, after);
    bool size_kept = !memcmp(before, after, 4), fd_kept = !memcmp(before + 4, after + 4, 4);
    bool rest_kept = !memcmp(before + 8, after + 8, sizeof after - 8);
    snprintf(name, sizeof name, "%s-%s", of, step);
    say(name, "%s size %s, bytes 4 to 7 %s, rest %s", result < 0 ? errno_name(-result) : "0",
        size_kept ? "kept" : "changed", fd_kept ? "kept" : "changed", rest_kept ? "kept" : "changed");
}

void framing(const char *command_name, int fd, unsigned number) {
    of = command_name, target = fd, command = number, kernel_size = size_of(number);
    sizes();
    memory();
    left("leaves", (uint32_t)kernel_size, NONE);
    left("leaves-when-longer", 200, NONE);
    left("leaves-when-refused", 200, 199);
}

static void try(const char *step, int fd, unsigned long number) {
    char name[64];
    unsigned char zero[256] = {0};
    snprintf(name, sizeof name, "%s-zero", step);
    say_result(name, call(fd, number, zero));
    snprintf(name, sizeof name, "%s-null", step);
    say_result(name, call(fd, number, NULL));
}

static void numbers(int fd) {
    static const struct {
        const char *step;
        unsigned long number;
    } all[] = {
        {"ba00", CREATE_SESSION}, {"ba01", RETRIEVE_SESSION}, {"ba02", 0xBA02}, {"ba3f", 0xBA3F},
        {"ba40", PRESERVE_FD}, {"ba41", RETRIEVE_FD}, {"ba42", FINISH}, {"ba43", GET_NAME}, {"ba44", 0xBA44},
        {"baff", 0xBAFF}, {"r-ba00", _IOR(0xBA, 0, struct session_arg)}, {"wr-ba00", _IOWR(0xBA, 0, struct session_arg)},
        {"w-ba02", _IOW(0xBA, 2, struct session_arg)}, {"wr-ba40", _IOWR(0xBA, 0x40, struct file_arg)},
        {"r-ba44", _IOR(0xBA, 0x44, struct file_arg)}, {"w-ba43", _IOW(0xBA, 0x43, struct name_arg)},
        {"high-ba00", 0x100000000ul | CREATE_SESSION}, {"high-ba40", 0x100000000ul | PRESERVE_FD},
        {"bb00", 0xBB00}, {"bb02", 0xBB02}, {"bb40", 0xBB40}, {"bb44", 0xBB44}, {"tcgets", TCGETS}, {"fionread", FIONREAD},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        try(all[i].step, fd, all[i].number);
    }
}

static void device_numbers(void) {
    numbers(device());
}

static void session_numbers(void) {
    numbers(outgoing("numbers"));
}

static void other_files(void) {
    int pair[2];
    socket_pair(pair);
    close(pair[1]);
    struct session_arg arg = {.size = sizeof arg, .name = "other-files"};
    say_result("memfd", call(memfd(0), CREATE_SESSION, &arg));
    say_result("socket", call(pair[0], CREATE_SESSION, &arg));
    say_result("stream-socket", call(socket(AF_UNIX, SOCK_STREAM, 0), CREATE_SESSION, &arg));
    say_result("closed", call(1000, CREATE_SESSION, &arg));
    say_result("negative", call(-1, CREATE_SESSION, &arg));
}

static void high_half(void) {
    struct session_arg arg = {.size = sizeof arg, .name = "high-half"};
    say_result("create", call(device(), 0x700000000ul | CREATE_SESSION, &arg));
}

static void create_framing(void) {
    many_fds();
    framing("create", device(), CREATE_SESSION);
}

static void retrieve_session_framing(void) {
    framing("retrieve-session", device(), RETRIEVE_SESSION);
}

static void preserve_framing(void) {
    framing("preserve", outgoing("preserve-framing"), PRESERVE_FD);
}

static void get_name_framing(void) {
    framing("get-name", outgoing("get-name-framing"), GET_NAME);
}

static void wrong_direction_framing(void) {
    int session = outgoing("wrong-direction");
    framing("retrieve", session, RETRIEVE_FD);
    framing("finish", session, FINISH);
}

static void incoming_stays(void) {
    outgoing("incoming-framing");
}

static void incoming_framing(void) {
    int session = incoming("incoming-framing");
    framing("retrieve", session, RETRIEVE_FD);
    framing("finish", session, FINISH);
    framing("get-name", session, GET_NAME);
    framing("preserve", session, PRESERVE_FD);
    numbers(session);
}

const struct wire_case framing_cases[] = {
    {"device-numbers", {device_numbers}},
    {"session-numbers", {session_numbers}},
    {"other-files", {other_files}},
    {"high-half", {high_half}},
    {"create-framing", {create_framing}},
    {"retrieve-session-framing", {retrieve_session_framing}},
    {"preserve-framing", {preserve_framing}},
    {"get-name-framing", {get_name_framing}},
    {"wrong-direction-framing", {wrong_direction_framing}},
    {"incoming-framing", {incoming_stays, incoming_framing}},
    {0},
};
