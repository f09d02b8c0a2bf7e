// SPDX-License-Identifier: Apache-2.0
/* What the preload library does, seen by a program and by the server; the server may be hostile. */
#include "fake-server.h"
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>

int __open_2(const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);

static const int32_t BUSY = EBUSY;

static void echo(int connection, int reply, const struct request *request, size_t bytes) {
    (void)connection;
    send_errno(reply, 0, request, bytes, -1);
}

/* ---- open ---- */

static void every_open_connects(void) {
    serve("\0\0\0", 4, echo);
    int fd;
    WORKS(fd = open(DEVICE, O_RDWR));
    EQUAL(0, fcntl(fd, F_GETFD));
    close(fd);
    WORKS(fd = open64(DEVICE, O_RDONLY | O_CLOEXEC));
    EQUAL(FD_CLOEXEC, fcntl(fd, F_GETFD));
    close(fd);
    WORKS(fd = openat(AT_FDCWD, DEVICE, O_RDWR | O_CREAT, 0600));
    close(fd);
    WORKS(fd = openat64(99, DEVICE, O_RDWR));
    close(fd);
    WORKS(fd = __open_2(DEVICE, O_RDWR));
    close(fd);
    WORKS(fd = __openat64_2(AT_FDCWD, DEVICE, O_RDWR));
    EQUAL(6, seen->opens);
    FAILS(EEXIST, open(DEVICE, O_RDWR | O_CREAT | O_EXCL, 0600));
    FAILS(ENOTDIR, open(DEVICE, O_RDONLY | O_DIRECTORY));
    int path;
    WORKS(path = open(DEVICE, O_PATH | O_CLOEXEC));
    FAILS(EBADF, ioctl(path, GET_NAME, NULL));
    EQUAL(6, seen->opens);
}

static void other_paths_are_not_ours(void) {
    serve("\0\0\0", 4, echo);
    int fd;
    WORKS(fd = open("/dev/null", O_RDWR));
    WORKS(fd = open("made", O_RDWR | O_CREAT | O_EXCL, 0640));
    struct stat made;
    WORKS(fstat(fd, &made));
    EQUAL(0640, made.st_mode & 0777);
    FAILS(ENOENT, open("/dev/liveupdate2", O_RDWR));
    FAILS(ENOENT, open("", O_RDWR));
    FAILS(EFAULT, open((const char *)1, O_RDWR));
    FAILS(EFAULT, open((const char *)~0UL, O_RDWR));
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    WORKS(fd = open(strcpy(pages + 4096 - 10, "/dev/null"), O_RDWR));
    memcpy(pages + 4096 - 9, "/dev/live", 9);
    FAILS(EFAULT, open(pages + 4096 - 9, O_RDWR));
    EQUAL(0, seen->opens);
    WORKS(fd = open(strcpy(pages + 4096 - 16, DEVICE), O_RDWR));
}

static void nobody_there_is_a_missing_device(void) {
    int fds = open_fds();
    setenv("LUO_DEVICE_SOCKET", "nowhere", 1);
    FAILS(ENOENT, open(DEVICE, O_RDWR));
    FAILS(ENOENT, open(DEVICE, O_PATH));
    close(listen_here());
    FAILS(ENOENT, open(DEVICE, O_RDWR));
    close(open("file", O_CREAT | O_RDWR, 0600));
    setenv("LUO_DEVICE_SOCKET", "file", 1);
    FAILS(ENOENT, open(DEVICE, O_RDWR));
    char name[300] = {0};
    setenv("LUO_DEVICE_SOCKET", memset(name, 'x', sizeof name - 1), 1);
    FAILS(ENOENT, open(DEVICE, O_RDWR));
    EQUAL(fds, open_fds());
}

static void the_run_directory_is_looked_for(void) {
    serve("\0\0\0", 4, echo);
    mkdir("run", 0700);
    mkdir("run/luo", 0700);
    CHECK(rename(getenv("LUO_DEVICE_SOCKET"), "run/luo/liveupdate") == 0);
    unsetenv("LUO_DEVICE_SOCKET");
    setenv("LUO_DIR", "run/luo", 1);
    setenv("XDG_RUNTIME_DIR", "nowhere", 1);
    int fd;
    WORKS(fd = open(DEVICE, O_RDWR));
    close(fd);
    setenv("LUO_DIR", "nowhere", 1);
    if (access("/run/luo/liveupdate", F_OK) != 0) {
        FAILS(ENOENT, open(DEVICE, O_RDWR));
        setenv("XDG_RUNTIME_DIR", "run", 1);
        WORKS(fd = open(DEVICE, O_RDWR));
    }
}

static void a_refusal_is_the_servers(void) {
    int fds = open_fds();
    serve(&BUSY, 4, echo);
    FAILS(EBUSY, open(DEVICE, O_RDWR));
    EQUAL(fds, open_fds());
}

static void greeted_with(const char *greeting, size_t length, int error) {
    pid_t server = serve(greeting, length, echo);
    int fds = open_fds();
    FAILS(error, open(DEVICE, O_RDWR));
    EQUAL(fds, open_fds());
    kill(server, SIGKILL);
    CHECK(unlink(getenv("LUO_DEVICE_SOCKET")) == 0);
}

static void a_strange_greeting_is_an_error(void) {
    greeted_with("", 0, ENOENT);
    greeted_with("\0\0\0", 3, EIO);
    greeted_with("\0\0\0\0\0\0\0", 8, EIO);
    greeted_with("\xff\xff\xff\xff", 4, EIO);
    greeted_with("\0\x10\0", 4, EIO);
}

/* ---- what is sent ---- */

static void sent(int device, void *argument, int length, unsigned flags) {
    ioctl(device, GET_NAME, argument);
    EQUAL(length + 8, seen->length);
    EQUAL(flags, seen->last.flags);
    EQUAL(GET_NAME, seen->last.cmd);
    EQUAL(1, seen->fds);
    CHECK(length == 0 || memcmp(seen->last.bytes, argument, length) == 0);
}

static void put_size(char *argument, uint32_t size) {
    memcpy(argument, &size, sizeof size);
}

static void the_argument_is_sent_up_to_72_bytes(void) {
    int device = device_of(echo);
    char *argument = calloc(1, 2 << 20);
    const struct { uint32_t size; int sent; } sizes[] = {{0, 4}, {1, 4}, {4, 4}, {7, 7}, {8, 8}, {16, 16}, {71, 71}, {72, 72}, {73, 72}, {1 << 20, 72}};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(argument + 4, 0xA5, 68);
        put_size(argument, sizes[i].size);
        sent(device, argument, sizes[i].sent, 0);
    }
    put_size(argument + 3, 72);
    sent(device, argument + 3, 72, 0);
    WORKS(ioctl(device, GET_NAME | 0xFFFFFFFF00000000, argument + 3));
}

static void a_tail_that_is_not_zero_is_told(void) {
    int device = device_of(echo);
    char *argument = calloc(1, 2 << 20);
    const uint32_t places[] = {72, 73, 72 + 1023, 72 + 1024, 4095, 4096, (1 << 20) - 1};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        argument[places[i]] = 1;
        put_size(argument, 1 << 20);
        sent(device, argument, 72, 2);
        put_size(argument, places[i]);
        sent(device, argument, places[i] < 72 ? places[i] : 72, 0);
        argument[places[i]] = 0;
    }
}

static void unreadable_memory_is_told(void) {
    int device = device_of(echo);
    char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *end = pages + 8192;
    munmap(end, 4096);
    sent(device, NULL, 0, 1);
    sent(device, (void *)~0UL, 0, 1);
    ioctl(device, GET_NAME, end);
    EQUAL(1, seen->last.flags);
    memset(end - 2, 1, 2);
    ioctl(device, GET_NAME, end - 2);
    EQUAL(1, seen->last.flags);
    EQUAL(8, seen->length);
    memset(end - 100, 0, 100);
    put_size(end - 16, 72);
    sent(device, end - 16, 16, 4);
    put_size(end - 16, 16);
    sent(device, end - 16, 16, 0);
    put_size(end - 80, 4096);
    sent(device, end - 80, 72, 4);
    end[-1] = 1;
    sent(device, end - 80, 72, 2);
    put_size(pages + 4096 - 2, 72);
    sent(device, pages + 4096 - 2, 72, 0);
    mprotect(pages, 4096, PROT_NONE);
    ioctl(device, GET_NAME, pages);
    EQUAL(1, seen->last.flags);
    put_size(end - 80, ~0U);
    end[-1] = 0;
    sent(device, end - 80, 72, 4);
}

static void the_file_goes_along(void) {
    int device = device_of(echo), fd = memory("x"), stale = dup(fd), path = open("/", O_PATH);
    struct stat file;
    fstat(fd, &file);
    close(stale);
    EQUAL(0, preserve(device, fd, 1));
    EQUAL(2, seen->fds);
    EQUAL(file.st_ino, seen->file);
    const int bad[] = {-1, stale, path, 1 << 30, -100, AT_FDCWD};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        EQUAL(0, preserve(device, bad[i], 1));
        EQUAL(1, seen->fds);
    }
    EQUAL(0, preserve(device, device, 1));
    EQUAL(2, seen->fds);
    struct plain small = {8, fd}; /* the server refuses it; the fd is there all the same */
    ioctl(device, PRESERVE_FD, &small);
    EQUAL(2, seen->fds);
    small.size = 7;
    ioctl(device, PRESERVE_FD, &small);
    EQUAL(1, seen->fds);
}

static void other_fds_are_not_ours(void) {
    int pair[2], value, device = device_of(echo);
    struct named argument = {sizeof argument, 0, {0}};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    FAILS(ENOTTY, ioctl(pair[0], GET_NAME, &argument));
    FAILS(ENOTTY, ioctl(memory("x"), GET_NAME, &argument));
    FAILS(EBADF, ioctl(-1, GET_NAME, &argument));
    FAILS(EBADF, ioctl(99, GET_NAME, &argument));
    FAILS(ENOTTY, ioctl(device, 0x5401 /* TCGETS */, &argument));
    WORKS(ioctl(device, 0x5451 /* FIOCLEX */));
    EQUAL(FD_CLOEXEC, fcntl(device, F_GETFD));
    CHECK(write(pair[1], "xyz", 3) == 3);
    WORKS(ioctl(pair[0], 0x541B /* FIONREAD */, &value));
    EQUAL(3, value);
    EQUAL(0, seen->requests);
    WORKS(ioctl(device, 0xBAFF, &argument)); /* whatever it is, it is the server's to refuse */
    WORKS(ioctl(device, 0xC048BA00, &argument));
    EQUAL(0xC048BA00, seen->last.cmd);
}

/* ---- what comes back ---- */

static void give_file(int connection, int reply, const struct request *request, size_t bytes) {
    (void)connection;
    int fd = open("/dev/null", O_RDWR);
    send_errno(reply, 0, request, bytes, fd);
    close(fd);
}

static void a_returned_fd_is_the_lowest_and_closed_on_exec(void) {
    int device = device_of(give_file), fds = open_fds(), lowest = dup(device), next;
    close(lowest);
    WORKS(next = session(device, CREATE_SESSION, "a"));
    EQUAL(lowest, next);
    EQUAL(FD_CLOEXEC, fcntl(next, F_GETFD));
    WORKS(next = retrieve(device, 1));
    EQUAL(lowest + 1, next);
    EQUAL(fds + 2, open_fds());
}

static void an_argument_that_cannot_be_written_is_a_fault(void) {
    int device = device_of(give_file), fds = open_fds();
    struct named *argument = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    argument->size = sizeof *argument;
    mprotect(argument, 4096, PROT_READ);
    FAILS(EFAULT, ioctl(device, CREATE_SESSION, argument));
    EQUAL(1, seen->requests);
    EQUAL(fds, open_fds());
}

static void too_few_fds_are_told(void) {
    int device = device_of(give_file), last = -1;
    struct plain argument = {8, 0};
    for (int fd; (fd = dup(device)) >= 0; last = fd) continue;
    FAILS(EMFILE, ioctl(device, FINISH, &argument));
    FAILS(EMFILE, open(DEVICE, O_RDWR));
    close(last);
    FAILS(EMFILE, ioctl(device, FINISH, &argument));
    close(last - 1);
    WORKS(session(device, CREATE_SESSION, "a"));
    EQUAL(1, seen->requests);
}

static int mode;

/* Every way to answer wrongly; the token or name's first byte says which. */
static void misbehave(int connection, int reply, const struct request *request, size_t bytes) {
    char data[300] = {0};
    int fds[3] = {connection, reply, connection};
    switch (request->bytes[8]) {
    case 'c': shutdown(connection, SHUT_RDWR); break;        /* hangs up */
    case 'n': break;                                          /* does not answer */
    case '0': send_reply(reply, data, 0, NULL, 0); break;     /* nothing at all */
    case '3': send_reply(reply, data, 3, NULL, 0); break;     /* half an errno */
    case 'l': send_reply(reply, data, 300, fds, 1); break;    /* too long */
    case 'm': send_reply(reply, data, 5 + bytes, fds, 1); break; /* more than was asked for */
    case '-': send_reply(reply, "\xff\xff\xff\xff", 4, fds, 1); break;
    case 'h': send_reply(reply, "\0\x10\0", 4, fds, 1); break; /* no errno is 4096 */
    case '1': send_errno(reply, 0, request, bytes, -1); break; /* no fd */
    case '2': send_reply(reply, data, 4 + bytes, fds, 2); break; /* two fds */
    case 's': send_reply(reply, data, 7, fds, 1); break;      /* no room for the fd */
    case 'e': send_reply(reply, "\x10\0\0", 4, fds, 1); break; /* refused, with a fd */
    case 'x': send_reply(reply, data, 76, fds, 3); send_reply(reply, data, 76, fds, 3); break; /* twice */
    default: give_file(connection, reply, request, bytes);
    }
}

static void a_hostile_answer_harms_nothing(void) {
    const struct { const char *name; int error; } cases[] = {{"n", ESTALE}, {"0", ESTALE}, {"3", EIO}, {"l", EIO}, {"m", EIO},
        {"-", EIO}, {"h", EIO}, {"1", EIO}, {"2", EMFILE}, {"s", EIO}, {"e", EBUSY}, {"x", EMFILE}};
    int device = device_of(misbehave), fds = open_fds();
    for (int round = 0; round < 200; round++) {
        for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct { char before[64]; struct named argument; char after[300]; } guarded, same;
            memset(&guarded, 0x5A, sizeof guarded);
            guarded.argument = (struct named){sizeof guarded.argument, 7, {0}};
            strcpy(guarded.argument.name, cases[i].name);
            same = guarded;
            FAILS(cases[i].error, ioctl(device, CREATE_SESSION, &guarded.argument));
            CHECK(memcmp(&guarded, &same, sizeof same) == 0);
        }
        close(session(device, CREATE_SESSION, "good"));
    }
    struct kept unwanted = {sizeof unwanted, -1, 'g'};
    FAILS(EIO, ioctl(device, PRESERVE_FD, &unwanted)); /* a fd that nobody asked for */
    EQUAL(fds, open_fds());
    FAILS(ESTALE, session(device, CREATE_SESSION, "c"));
    FAILS(ESTALE, session(device, CREATE_SESSION, "a"));
    EQUAL(fds, open_fds());
}

static void a_server_that_dies_is_stale(void) {
    pid_t server = serve("\0\0\0", 4, misbehave);
    int device = open(DEVICE, O_RDWR);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    signal(SIGPIPE, SIG_DFL);
    FAILS(ESTALE, session(device, CREATE_SESSION, "a"));
}

static void sleep_first(int connection, int reply, const struct request *request, size_t bytes) {
    usleep(300000);
    echo(connection, reply, request, bytes);
}

static volatile int ticks;

static void tick(int signal) {
    (void)signal;
    ticks++;
}

static void signals_do_not_interrupt(void) {
    int device = device_of(sleep_first);
    struct sigaction action = {.sa_handler = tick};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 10000}, {0, 10000}}, NULL);
    struct named argument = {sizeof argument, 0, {0}};
    WORKS(ioctl(device, GET_NAME, &argument));
    CHECK(ticks > 5);
}

static void a_full_queue_is_waited_for(void) {
    int device = device_of(sleep_first);
    fcntl(device, F_SETFL, O_NONBLOCK);
    struct request junk = {0};
    while (send(device, &junk, 8, MSG_NOSIGNAL) == 8) continue;
    EQUAL(EAGAIN, errno);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        if ((children[i] = fork()) == 0) {
            struct named argument = {sizeof argument, 0, {0}};
            _exit(ioctl(device, GET_NAME, &argument) == 0 || errno != EAGAIN ? 0 : 1);
        }
    }
    usleep(500000);
    for (int i = 0; i < 3; i++) {
        EQUAL(0, waitpid(children[i], NULL, WNOHANG));
    }
}

static void *call_once(void *device) {
    struct named argument = {sizeof argument, 0, {0}};
    int result = ioctl(*(int *)device, GET_NAME, &argument);
    mode = result == 0 ? 1 : -1;
    pthread_testcancel();
    mode = 2;
    return NULL;
}

static void a_call_is_no_place_to_be_cancelled_at(void) {
    int device = device_of(sleep_first), fds = open_fds();
    pthread_t thread;
    pthread_create(&thread, NULL, call_once, &device);
    while (seen->requests == 0) usleep(1000);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    EQUAL(1, mode);
    EQUAL(fds, open_fds());
}

/* ---- at the same time ---- */

static void *hammer(void *device) {
    for (int i = 0; i < 2000; i++) {
        struct named argument = {sizeof argument, i, {0}}, same;
        snprintf(argument.name, sizeof argument.name, "%lx %d", (long)pthread_self(), i);
        same = argument;
        if (ioctl(*(int *)device, GET_NAME, &argument) != 0 || memcmp(&same, &argument, sizeof same) != 0) {
            return "mixed up";
        }
    }
    return NULL;
}

static void threads_and_children_share_a_connection(void) {
    int device = device_of(echo), fds = open_fds(), status;
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        pthread_create(&threads[i], NULL, hammer, &device);
    }
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct named argument = {sizeof argument, 0, {0}};
            _exit(ioctl(device, GET_NAME, &argument) != 0);
        }
        waitpid(child, &status, 0);
        EQUAL(0, status);
    }
    for (int i = 0; i < 8; i++) {
        void *result;
        pthread_join(threads[i], &result);
        CHECK(result == NULL);
    }
    EQUAL(8 * 2000 + 50, seen->requests);
    EQUAL(fds, open_fds());
}

static const struct test TESTS[] = {
#define CASE(name) {#name, name}
    CASE(every_open_connects), CASE(other_paths_are_not_ours), CASE(nobody_there_is_a_missing_device),
    CASE(the_run_directory_is_looked_for), CASE(a_refusal_is_the_servers), CASE(a_strange_greeting_is_an_error),
    CASE(the_argument_is_sent_up_to_72_bytes), CASE(a_tail_that_is_not_zero_is_told), CASE(unreadable_memory_is_told),
    CASE(the_file_goes_along), CASE(other_fds_are_not_ours), CASE(a_returned_fd_is_the_lowest_and_closed_on_exec),
    CASE(an_argument_that_cannot_be_written_is_a_fault), CASE(too_few_fds_are_told), CASE(a_hostile_answer_harms_nothing),
    CASE(a_server_that_dies_is_stale), CASE(signals_do_not_interrupt), CASE(a_full_queue_is_waited_for),
    CASE(a_call_is_no_place_to_be_cancelled_at), CASE(threads_and_children_share_a_connection),
};

int main(int count, char **names) {
    (void)count;
    return run_cases(TESTS, sizeof TESTS / sizeof *TESTS, names + 1);
}
