// SPDX-License-Identifier: Apache-2.0
/* How answers are written: symbols, and nothing that differs from one run to the next. */
#include "wire.h"

#include <stdarg.h>
#include <sys/stat.h>

static int current_stage;
static const char *current_case;

void say_case(int stage, const char *name) {
    current_stage = stage;
    current_case = name;
}

void say(const char *step, const char *format, ...) {
    char answer[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer, sizeof answer, format, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "%d %s.%s: %s\n", current_stage, current_case, step, answer);
}

const char *errno_name(int number) {
    static const struct {
        int number;
        const char *name;
    } names[] = {
#define NAME(e) {e, #e}
        NAME(EPERM),    NAME(ENOENT),    NAME(EINTR),  NAME(EIO),     NAME(ENXIO),    NAME(E2BIG),      NAME(EBADF),
        NAME(EAGAIN),   NAME(ENOMEM),    NAME(EACCES), NAME(EFAULT),  NAME(EBUSY),    NAME(EEXIST),     NAME(ENODEV),
        NAME(ENOTDIR),  NAME(EISDIR),    NAME(EINVAL), NAME(ENFILE),  NAME(EMFILE),   NAME(ENOTTY),     NAME(ETXTBSY),
        NAME(EFBIG),    NAME(ENOSPC),    NAME(ESPIPE), NAME(EROFS),   NAME(EPIPE),    NAME(ENOSYS),     NAME(ENODATA),
        NAME(EPROTO),   NAME(EOVERFLOW), NAME(EBADFD), NAME(ESTALE),  NAME(EMSGSIZE), NAME(EOPNOTSUPP), NAME(EDEADLK),
        NAME(ENOTCONN), NAME(ENOTSOCK),  NAME(ECONNREFUSED), NAME(ECONNRESET), NAME(ETIMEDOUT), NAME(ECANCELED),
#undef NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == number) {
            return names[i].name;
        }
    }
    return "an errno without a name";
}

long result_of(long returned) {
    return returned < 0 ? -errno : returned;
}

void say_result(const char *step, long result) {
    if (result < 0) {
        say(step, "%s", errno_name((int)-result));
    } else {
        say(step, "%ld", result);
    }
}

void say_fd(const char *step, long fd) {
    if (fd < 0) {
        say_result(step, fd);
        return;
    }
    int flags = fcntl((int)fd, F_GETFD);
    say(step, "%s", flags < 0 ? "a number that is no fd" : flags & FD_CLOEXEC ? "fd cloexec" : "fd");
}

/* FNV-1a over the contents, read without moving the position. */
static uint32_t sum_of(int fd) {
    uint32_t sum = 2166136261u;
    unsigned char buffer[PAGE];
    ssize_t got;
    for (off_t at = 0; (got = pread(fd, buffer, sizeof buffer, at)) > 0; at += got) {
        for (ssize_t i = 0; i < got; i++) {
            sum = (sum ^ buffer[i]) * 16777619u;
        }
    }
    return sum;
}

/* What a nameless file is called has a number in it that is never the same. */
static void without_number(char *name) {
    char *number = strchr(name, '#');
    if (number) {
        char *end = number + 1 + strspn(number + 1, "0123456789");
        memmove(number + 1, end, strlen(end) + 1);
    }
}

/* One line for each property, so that it shows which of them differs. */
static void say_property(const char *step, const char *property, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say_property(const char *step, const char *property, const char *format, ...) {
    char name[96], text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(name, sizeof name, "%s-%s", step, property);
    say(name, "%s", text);
}

void say_file(const char *step, int fd) {
    static const char *const access[] = {"read", "write", "read-write", "none"};
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0) {
        say_fd(step, fd);
        return;
    }
    char link[32], name[128] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    need(readlink(link, name, sizeof name - 1) > 0, "readlink failed");
    int flags = fcntl(fd, F_GETFL);
    say_fd(step, fd);
    say_property(step, "contents", "%lld bytes, sum %08x", (long long)stat.st_size, sum_of(fd));
    say_property(step, "position", "%lld", (long long)lseek(fd, 0, SEEK_CUR));
    say_property(step, "seals", "0x%x", (unsigned)fcntl(fd, F_GET_SEALS));
    say_property(step, "mode", "%04o", (unsigned)stat.st_mode & 07777);
    say_property(step, "access", "%s%s%s", access[flags & O_ACCMODE], flags & O_APPEND ? " append" : "",
        flags & O_NONBLOCK ? " nonblock" : "");
    say_property(step, "links", "%d", (int)stat.st_nlink);
    say_property(step, "blocks", "%lld", (long long)stat.st_blocks);
    without_number(name);
    say_property(step, "name", "%s", name);
}

void say_name(const char *step, int session) {
    static const char digits[] = "0123456789abcdef";
    struct name_arg arg = {.size = sizeof arg};
    char text[4 * NAME_BYTES + 1], *at = text;
    int result = call(session, GET_NAME, &arg);
    if (result < 0) {
        say_result(step, result);
        return;
    }
    size_t length = strnlen((char *)arg.name, NAME_BYTES);
    for (size_t i = 0; i < length; i++) {
        if (arg.name[i] > ' ' && arg.name[i] < 127) {
            *at++ = (char)arg.name[i];
        } else {
            *at++ = '\\';
            *at++ = digits[arg.name[i] >> 4];
            *at++ = digits[arg.name[i] & 15];
        }
    }
    *at = 0;
    bool padded = true;
    for (size_t i = length; i < NAME_BYTES; i++) {
        padded &= arg.name[i] == 0;
    }
    say(step, "%zu bytes '%s'%s", length, text, padded ? "" : " and something behind it");
}

void say_text(const char *step, int fd) {
    char text[16] = "";
    if (fd < 0) {
        say_result(step, fd);
    } else {
        need(pread(fd, text, sizeof text - 1, 0) >= 0, "pread failed");
        say(step, "'%s'", text);
    }
}
