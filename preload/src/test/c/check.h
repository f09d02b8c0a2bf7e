// SPDX-License-Identifier: Apache-2.0
/*
 * A program of cases. Each runs in a process of its own, which a failed CHECK ends, and prints one line: "ok NAME" or
 * "failed NAME: where and what". With arguments only the cases they name run.
 */
#ifndef LUO_CHECK_H
#define LUO_CHECK_H
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 120

static const char *case_name;

static void fail(const char *file, int line, const char *what, long found) {
    printf("failed %s: %s:%d: %s, found %ld, errno %d %s\n", case_name, strrchr(file, '/') ? strrchr(file, '/') + 1 : file,
           line, what, found, errno, strerror(errno));
    fflush(stdout);
    _exit(1);
}

#define CHECK(condition) do { if (!(condition)) fail(__FILE__, __LINE__, #condition, -1); } while (0)
#define EQUAL(expected, actual) \
    do { long found_ = (long)(actual); if (found_ != (long)(expected)) fail(__FILE__, __LINE__, #actual " is " #expected, found_); } while (0)

/* The call fails with this errno. */
#define FAILS(error, call) \
    do { errno = 0; long found_ = (long)(call); if (found_ != -1 || errno != (error)) fail(__FILE__, __LINE__, #call " is " #error, found_); } while (0)

/* The call succeeds and leaves errno alone. */
#define WORKS(call) \
    do { errno = 1234; long found_ = (long)(call); if (found_ < 0 || errno != 1234) fail(__FILE__, __LINE__, #call, found_); } while (0)

__attribute__((unused)) static int open_fds(void) {
    DIR *directory = opendir("/proc/self/fd");
    int count = -1; /* the directory's own */
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

struct test {
    const char *name;
    void (*run)(void);
};

__attribute__((unused)) static int run_cases(const struct test *tests, int count, char **names) {
    int failures = 0, ran = 0;
    for (int i = 0; i < count; i++) {
        int wanted = names[0] == NULL;
        for (char **name = names; *name != NULL; name++) {
            wanted |= strcmp(*name, tests[i].name) == 0;
        }
        if (!wanted) {
            continue;
        }
        ran++;
        case_name = tests[i].name;
        fflush(stdout);
        int status;
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            alarm(PATIENCE_SECONDS);
            tests[i].run();
            printf("ok %s\n", case_name);
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, &status, 0);
        kill(-child, SIGKILL); /* what the case has started */
        if (WIFSIGNALED(status)) {
            printf("failed %s: signal %d\n", case_name, WTERMSIG(status));
        }
        failures += status != 0;
    }
    return failures > 0 || ran == 0;
}
#endif
