// SPDX-License-Identifier: Apache-2.0
/*
 * The wire-level conformance suite: asks whatever open("/dev/liveupdate") gives, and writes down what it answers.
 *
 *   luo-wire-suite --stage 1|2|3 [--case PREFIX] [--machine]    asks; a live update belongs between the stages
 *   luo-wire-suite --list                                       names the cases
 *
 * It judges nothing: the answers of two devices are to be compared line by line. Stages 1 and 2 leave sessions behind
 * in processes that hold them until their standard input is hung up. With --machine it may change settings of the
 * whole machine for a moment, for the case that can't do without. Exit status: 0 it ran through, 1 wrong usage, 2 there
 * is no device.
 */
#include "wire.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PATIENCE_SECONDS 60

static const struct wire_case *const groups[] = {
    open_cases,  other_call_cases, framing_cases,  name_cases,   lifetime_cases, preserve_cases,
    memfd_cases, retrieve_cases,   incoming_cases, onward_cases, returned_cases,
};
#define GROUPS (sizeof groups / sizeof *groups)

bool machine_is_ours;

static bool goes_on(const struct wire_case *what, int stage) {
    for (int later = stage; later < STAGES; later++) {
        if (what->stage[later]) {
            return true;
        }
    }
    return false;
}

static void run_in_child(const struct wire_case *what, int stage, int done) {
    setpgid(0, 0);
    signal(SIGPIPE, SIG_IGN);
    alarm(PATIENCE_SECONDS);
    what->stage[stage - 1]();
    if (write(done, "", 1) == 1 && goes_on(what, stage)) {
        close(done);
        alarm(0);
        hold();
    }
    _exit(0);
}

/* Waits for all processes of the case, so that whatever they had open is closed. */
static void clean_up(pid_t group) {
    kill(-group, SIGKILL);
    while (waitpid(-group, NULL, 0) > 0) {
    }
}

static void run(const struct wire_case *what, int stage) {
    int done[2];
    char byte;
    if (pipe2(done, O_CLOEXEC) < 0) {
        perror("pipe2");
        exit(1);
    }
    say_case(stage, what->name);
    pid_t child = fork();
    if (child == 0) {
        close(done[0]);
        run_in_child(what, stage, done[1]);
    }
    setpgid(child, child);
    close(done[1]);
    bool finished = read(done[0], &byte, 1) == 1;
    close(done[0]);
    if (!finished) {
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) {
            say("ended-by", "%s", WTERMSIG(status) == SIGALRM ? "SIGALRM: no answer in time" : strsignal(WTERMSIG(status)));
        }
    }
    if (!finished || !goes_on(what, stage)) {
        clean_up(child);
    }
}

static int usage(void) {
    fputs("usage: luo-wire-suite --stage 1|2|3 [--case PREFIX] [--machine]\n       luo-wire-suite --list\n", stderr);
    return 1;
}

static int list(void) {
    for (size_t group = 0; group < GROUPS; group++) {
        for (const struct wire_case *what = groups[group]; what->name; what++) {
            puts(what->name);
        }
    }
    return 0;
}

static bool device_is_there(void) {
    int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "luo-wire-suite: %s: %s\n", DEVICE, strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

int main(int count, char **arguments) {
    int stage = 0;
    const char *prefix = "";
    for (int i = 1; i < count; i++) {
        if (!strcmp(arguments[i], "--list") && count == 2) {
            return list();
        } else if (!strcmp(arguments[i], "--hold") && count == 2) { /* a case has started it */
            need(write(STDOUT_FILENO, "!", 1) == 1, "write failed");
            hold();
        } else if (!strcmp(arguments[i], "--stage") && i + 1 < count) {
            stage = atoi(arguments[++i]);
        } else if (!strcmp(arguments[i], "--case") && i + 1 < count) {
            prefix = arguments[++i];
        } else if (!strcmp(arguments[i], "--machine")) {
            machine_is_ours = true;
        } else {
            return usage();
        }
    }
    if (stage < 1 || stage > STAGES) {
        return usage();
    }
    if (!device_is_there()) {
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (size_t group = 0; group < GROUPS; group++) {
        for (const struct wire_case *what = groups[group]; what->name; what++) {
            if (what->stage[stage - 1] && !strncmp(what->name, prefix, strlen(prefix))) {
                run(what, stage);
            }
        }
    }
    return 0;
}
