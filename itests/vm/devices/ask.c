// SPDX-License-Identifier: Apache-2.0
/*
 * ask SOCKET COMMAND [ARGUMENTS]   asks the platform's administration socket, prints its answer, a line of JSON
 *
 * The command line luo does the same and takes seconds to start in an emulated machine. A request that the platform did
 * not take up, because it was being replaced, is sent again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int ask(const char *path, const char *command, const char *arguments, char *reply, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        snprintf(reply, size, "ask: %s: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    dprintf(fd, "{\"command\":\"%s\",\"arguments\":%s}\n", command, arguments);
    size_t length = 0;
    for (ssize_t more; length < size - 1 && (more = read(fd, reply + length, size - 1 - length)) > 0;) {
        length += (size_t)more;
        if (reply[length - 1] == '\n') {
            break;
        }
    }
    reply[length] = 0;
    close(fd);
    return strncmp(reply, "{\"result\"", 9) == 0 ? 0 : -1;
}

int main(int count, char **words) {
    static char reply[1 << 20];
    int result = -1;
    if (count < 3) {
        fprintf(stderr, "usage: ask SOCKET COMMAND [ARGUMENTS]\n");
        return 2;
    }
    for (int attempt = 0; attempt < 5; attempt++) {
        result = ask(words[1], words[2], count > 3 ? words[3] : "{}", reply, sizeof reply);
        if (result == 0 || !strstr(reply, "ERESTART")) {
            break;
        }
    }
    fputs(reply, stdout);
    return result == 0 ? 0 : 1;
}
