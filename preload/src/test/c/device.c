// SPDX-License-Identifier: Apache-2.0
/* What an unmodified C program gets from /dev/liveupdate, within one generation of the platform. */
#include "check.h"
#include "liveupdate.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int device(void) {
    int fd;
    WORKS(fd = open(DEVICE, O_RDWR));
    return fd;
}

static int created(int device, const char *name) {
    int fd;
    WORKS(fd = session(device, CREATE_SESSION, name));
    return fd;
}

/* ---- the device ---- */

static void one_opener_at_a_time(void) {
    int first = device(), copy = dup(first), path;
    FAILS(EBUSY, open(DEVICE, O_RDWR));
    FAILS(EBUSY, open(DEVICE, O_RDONLY));
    WORKS(path = open(DEVICE, O_PATH));
    close(first);
    FAILS(EBUSY, open(DEVICE, O_RDWR));
    close(copy);
    for (int i = 0; i < 1000; i++) {
        close(device());
    }
    pid_t child = fork();
    if (child == 0) {
        device();
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    WORKS(first = open(DEVICE, O_RDONLY | O_CLOEXEC));
    EQUAL(FD_CLOEXEC, fcntl(first, F_GETFD));
    created(first, "by a reader");
}

static void the_device_checks_in_the_kernels_order(void) {
    int fd = device();
    char *big = calloc(1, 1 << 20);
    struct named argument = {sizeof argument, -1, "framing"};
    FAILS(EINVAL, ioctl(fd, 0xBA02, NULL)); /* no such number, before the argument is read */
    FAILS(EINVAL, ioctl(fd, GET_NAME, &argument));
    FAILS(EINVAL, ioctl(fd, 0xBAFF, &argument));
    FAILS(EFAULT, ioctl(fd, CREATE_SESSION, NULL));
    FAILS(EFAULT, ioctl(fd, 0xC048BA00, NULL)); /* before the other bits */
    FAILS(ENOTTY, ioctl(fd, 0xC048BA00, &argument));
    for (uint32_t size = 0; size < sizeof argument; size++) {
        argument.size = size;
        FAILS(EINVAL, ioctl(fd, CREATE_SESSION, &argument));
        FAILS(ENOTTY, ioctl(fd, 0x4048BA00, &argument));
    }
    memcpy(big, &(struct named){1 << 20, -1, "framing"}, sizeof argument);
    big[sizeof argument] = 1;
    FAILS(E2BIG, ioctl(fd, CREATE_SESSION, big));
    big[sizeof argument] = 0;
    big[(1 << 20) - 1] = 1;
    FAILS(E2BIG, ioctl(fd, CREATE_SESSION, big));
    big[(1 << 20) - 1] = 0;
    WORKS(ioctl(fd, CREATE_SESSION, big));
    EQUAL(1 << 20, ((struct named *)big)->size);
}

static void memory_that_ends_is_a_fault(void) {
    int fd = device();
    char *end = (char *)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
    munmap(end, 4096);
    struct named argument = {sizeof argument, -1, "fault"};
    memcpy(end - 40, &argument, 40);
    FAILS(EFAULT, ioctl(fd, CREATE_SESSION, end - 40));
    memcpy(end - sizeof argument, &argument, sizeof argument);
    mprotect(end - 4096, 4096, PROT_READ);
    int fds = open_fds();
    FAILS(EFAULT, ioctl(fd, CREATE_SESSION, end - sizeof argument));
    EQUAL(fds, open_fds());
    mprotect(end - 4096, 4096, PROT_READ | PROT_WRITE);
    WORKS(ioctl(fd, CREATE_SESSION, end - sizeof argument)); /* the name is free again */
    argument.size = 4096;
    memcpy(end - sizeof argument, &argument, sizeof argument);
    FAILS(EFAULT, ioctl(fd, CREATE_SESSION, end - sizeof argument));
}

static void names_are_1_to_63_bytes(void) {
    int fd = device(), one;
    char name[65];
    memset(name, 'X', sizeof name - 1);
    name[64] = '\0';
    FAILS(EINVAL, session(fd, CREATE_SESSION, ""));
    FAILS(EINVAL, session(fd, CREATE_SESSION, name));
    name[63] = '\0';
    one = created(fd, name);
    FAILS(EEXIST, session(fd, CREATE_SESSION, name));
    created(fd, "/ \1\xff");
    FAILS(ENOENT, session(fd, RETRIEVE_SESSION, name));
    FAILS(ENOENT, session(fd, RETRIEVE_SESSION, ""));
    struct named argument = {sizeof argument, 0, {0}};
    WORKS(ioctl(one, GET_NAME, &argument));
    EQUAL(0, strcmp(name, argument.name));
    struct named after = {sizeof after, -1, "short\0and more"};
    WORKS(ioctl(fd, CREATE_SESSION, &after));
    EQUAL(FD_CLOEXEC, fcntl(after.fd, F_GETFD));
    WORKS(ioctl(after.fd, GET_NAME, &argument));
    CHECK(memcmp(argument.name, "short\0\0\0\0\0\0\0\0", 14) == 0);
}

/* ---- sessions ---- */

static void a_session_checks_in_the_kernels_order(void) {
    int fd = created(device(), "order"), file = memory("x"), path = open("/", O_PATH), null = open("/dev/null", O_RDWR);
    struct plain plain = {8, 0};
    struct kept kept = {16, file, 1};
    FAILS(EINVAL, ioctl(fd, CREATE_SESSION, NULL));
    FAILS(EINVAL, ioctl(fd, 0xBA44, NULL));
    FAILS(EFAULT, ioctl(fd, FINISH, NULL));
    FAILS(ENOTTY, ioctl(fd, 0x4010BA40, &kept));
    plain.size = 4;
    FAILS(EINVAL, ioctl(fd, FINISH, &plain)); /* outgoing */
    FAILS(EINVAL, retrieve(fd, 1));
    FAILS(EINVAL, finish(fd));
    kept.size = 15;
    FAILS(EINVAL, ioctl(fd, PRESERVE_FD, &kept));
    struct { struct kept kept; char tail[100]; } longer = {{116, file, 1}, {0}};
    longer.tail[3] = 1;
    FAILS(E2BIG, ioctl(fd, PRESERVE_FD, &longer));
    longer.tail[3] = 0;
    WORKS(ioctl(fd, PRESERVE_FD, &longer));
    FAILS(EEXIST, preserve(fd, -1, 1)); /* before the file is looked at */
    FAILS(EBADF, preserve(fd, -1, 2));
    FAILS(EBADF, preserve(fd, 999, 2));
    FAILS(EBADF, preserve(fd, path, 2));
    FAILS(ENOENT, preserve(fd, null, 2));
    FAILS(EBUSY, preserve(fd, file, 2));
    FAILS(EBUSY, preserve(fd, dup(file), 2));
    WORKS(preserve(fd, memory("y"), 0));
    WORKS(preserve(fd, memory("z"), ~0ULL));
    struct named argument = {sizeof argument, 1, {0}};
    FAILS(EINVAL, ioctl(fd, GET_NAME, &argument)); /* reserved */
}

static void closing_undoes_at_once(void) {
    int fd = device(), file = memory("kept"), other = created(fd, "other");
    char text[5] = {0};
    for (int i = 0; i < 1000; i++) {
        int one = created(fd, "again and again");
        WORKS(preserve(one, file, 7));
        FAILS(EBUSY, preserve(other, file, 7));
        close(one);
    }
    WORKS(preserve(other, file, 7));
    EQUAL(4, pread(file, text, 4, 0));
    EQUAL(0, strcmp(text, "kept"));
}

static void send_fd(int socket, int fd) {
    struct { struct cmsghdr header; int fd; } rights = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}, fd};
    struct msghdr message = {.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1, .msg_control = &rights};
    message.msg_controllen = CMSG_LEN(sizeof(int));
    EQUAL(1, sendmsg(socket, &message, 0));
}

static void every_copy_keeps_a_session(void) {
    int fd = device(), one = created(fd, "copied"), copy = dup(one), pair[2], done[2];
    close(one);
    FAILS(EEXIST, session(fd, CREATE_SESSION, "copied"));
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    send_fd(pair[0], copy);
    close(copy);
    FAILS(EEXIST, session(fd, CREATE_SESSION, "copied")); /* on its way */
    close(pair[0]);
    close(pair[1]);
    one = created(fd, "copied");
    CHECK(pipe(done) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct named argument = {sizeof argument, 0, {0}};
        close(done[1]);
        EQUAL(0, read(done[0], &copy, 1)); /* the parent has closed its own */
        WORKS(ioctl(one, GET_NAME, &argument));
        WORKS(preserve(one, memory("by a child"), 1));
        raise(SIGKILL);
    }
    close(one);
    close(fd);
    close(done[1]);
    waitpid(child, NULL, 0);
    created(device(), "copied");
}

static void sessions_outlive_the_device(void) {
    int fd = device(), one = created(fd, "alone");
    close(fd);
    WORKS(preserve(one, memory("x"), 1));
    fd = device();
    FAILS(EEXIST, session(fd, CREATE_SESSION, "alone"));
}

static void many_sessions_and_files(void) {
    int fd = device(), one = created(fd, "many files"), before = open_fds();
    static int sessions[2000];
    char name[64];
    for (int i = 0; i < 500; i++) {
        int file = memfd_create("empty", 0);
        WORKS(preserve(one, file, i));
        close(file);
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "many %d", i);
        sessions[i] = created(fd, name);
    }
    EQUAL(before + 2000, open_fds());
    for (int i = 0; i < 2000; i++) {
        close(sessions[i]);
    }
    created(fd, "many 1999");
}

/* ---- at the same time ---- */

static void *use(void *argument) {
    int fd = *(int *)argument, file = memfd_create("mine", 0);
    char name[64];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "thread %lx", (long)pthread_self());
        int one = session(fd, CREATE_SESSION, name);
        struct named found = {sizeof found, 0, {0}};
        if (one < 0 || preserve(one, file, 1) != 0 || preserve(one, file, 2) != -1 || errno != EBUSY
            || ioctl(one, GET_NAME, &found) != 0 || strcmp(found.name, name) != 0 || close(one) != 0) {
            return strerror(errno);
        }
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void) {
    int fd = device(), fds = open_fds();
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        pthread_create(&threads[i], NULL, use, &fd);
    }
    for (int i = 0; i < 8; i++) {
        void *problem;
        pthread_join(threads[i], &problem);
        if (problem != NULL) {
            fail(__FILE__, __LINE__, problem, i);
        }
    }
    EQUAL(fds + 8, open_fds()); /* a memfd each */
}

static void processes_share_a_session(void) {
    int fd = created(device(), "shared"), status;
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            for (int token = 0; token < 100; token++) {
                WORKS(preserve(fd, memory("x"), i * 100 + token));
            }
            _exit(0);
        }
    }
    while (wait(&status) > 0) {
        EQUAL(0, status);
    }
    FAILS(EEXIST, preserve(fd, -1, 799));
    FAILS(EBADF, preserve(fd, -1, 800));
}

static const struct test TESTS[] = {
#define CASE(name) {#name, name}
    CASE(one_opener_at_a_time), CASE(the_device_checks_in_the_kernels_order), CASE(memory_that_ends_is_a_fault),
    CASE(names_are_1_to_63_bytes), CASE(a_session_checks_in_the_kernels_order), CASE(closing_undoes_at_once),
    CASE(every_copy_keeps_a_session), CASE(sessions_outlive_the_device), CASE(many_sessions_and_files),
    CASE(threads_do_not_disturb_each_other), CASE(processes_share_a_session),
};

int main(int count, char **names) {
    (void)count;
    return run_cases(TESTS, sizeof TESTS / sizeof *TESTS, names + 1);
}
