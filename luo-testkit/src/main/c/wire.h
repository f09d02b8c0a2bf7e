// SPDX-License-Identifier: Apache-2.0
/*
 * The client's side of /dev/liveupdate, and what the cases are written with.
 *
 * A result is what a call returned, or its errno negated. A case runs in a process of its own: whatever it leaves open
 * is closed by its end, and what goes wrong in it stays in it.
 */
#ifndef WIRE_H
#define WIRE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#define DEVICE "/dev/liveupdate"
#define CREATE_SESSION 0xBA00u
#define RETRIEVE_SESSION 0xBA01u
#define PRESERVE_FD 0xBA40u
#define RETRIEVE_FD 0xBA41u
#define FINISH 0xBA42u
#define GET_NAME 0xBA43u

/* Newer than some libraries. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8u
#define MFD_EXEC 0x10u
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif

#define NAME_BYTES 64
#define PAGE 4096
#define STAGES 3

struct session_arg {
    uint32_t size;
    int32_t fd;
    uint8_t name[NAME_BYTES];
};

struct file_arg {
    uint32_t size;
    int32_t fd;
    uint64_t token;
};

struct finish_arg {
    uint32_t size, reserved;
};

struct name_arg {
    uint32_t size, reserved;
    uint8_t name[NAME_BYTES];
};

/* What is done in each stage, if anything. What a stage leaves open stays open if there is something to do later. */
struct wire_case {
    const char *name;
    void (*stage[STAGES])(void);
};

/* Each ends with a case without a name. */
extern const struct wire_case open_cases[], other_call_cases[], framing_cases[], name_cases[], lifetime_cases[],
    preserve_cases[], memfd_cases[], retrieve_cases[], incoming_cases[], onward_cases[], returned_cases[];

/* Whether the machine's settings may be changed. */
extern bool machine_is_ours;

/* -1 with errno, as libc has it, to a result. */
#define RESULT(call) result_of((long)(call))
long result_of(long returned);

/* answer.c: one line each, "stage case.step: answer". */
void say(const char *step, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_result(const char *step, long result);
void say_fd(const char *step, long fd);
void say_file(const char *step, int fd);
void say_name(const char *step, int session);
void say_text(const char *step, int fd);
void say_case(int stage, const char *name);
const char *errno_name(int number);

/* calls.c. Those that can't be done without end the case, saying so. */
int call(int fd, unsigned long command, void *argument);
int device(void);
int create(int device, const char *name);
int retrieve_session(int device, const char *name);
int preserve(int session, int fd, uint64_t token);
int retrieve(int session, uint64_t token);
int finish(int session);
int outgoing(const char *name);
int incoming(const char *name);
int leave(const char *name, int files);
int memfd(unsigned flags);
int memfd_with(const char *text);
int reopened(int fd, int flags);
void need(bool holds, const char *what);

/* Memory of which exactly the first length bytes can be touched. */
unsigned char *edge(size_t length);
void read_only(void *memory);

/* process.c. What holds keeps its fds open until whoever started the suite hangs up its standard input. */
pid_t branch(void);
void hold(void) __attribute__((noreturn));
void end(pid_t child);
int status_of(pid_t child);
void send_fd(int socket, int fd);
int receive_fd(int socket);
void socket_pair(int ends[2]);
void many_fds(void);
void no_more_fds(int left);
void fds_again(void);

/* framing.c: all that can be wrong with an argument and its size, tried on one command of one fd. */
void framing(const char *command_name, int fd, unsigned command);

#endif
