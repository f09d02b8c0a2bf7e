// SPDX-License-Identifier: Apache-2.0
/*
 * A program with devices, which knows only /dev/liveupdate, VFIO and iommufd. It does what it reads, line by line, and
 * answers each with a line, "ok …", "no ERRNO" or "failed: …"; the end of its input ends it. Both its devices share one
 * address space, in which one memfd is mapped.
 *
 *   open N [FIRST]    opens /dev/iommu and N devices, binds, attaches, maps the memfd, sets a register
 *   legacy GROUP ADDR opens a device through its group's file; it is called vfio0 then
 *   session NAME      makes a session; preserve WHAT TOKEN preserves memory, iommu, vfio0, vfio1 or the file of a name
 *   incoming NAME     retrieves a session; retrieve WHAT TOKEN retrieves one of the four
 *   resume N          takes the N retrieved devices into use: maps memory and registers
 *   alive N           GET_INFO, registers, bus mastering of N devices as they were left
 *   dma N             half a page to the device and back over the old mapping, compared
 *   start N, stop     the same over and over in the background, on N devices
 *   watch             waits until the session's fd is ESTALE: the platform was replaced; says what was in flight then
 *   remap             maps another memfd, does DMA there, unmaps both
 *   leave PATTERN     lets the first device write half a page into memory, and is gone before it lands
 *   landed PATTERN    waits for that half page
 *   finish, close     finishes the session, or closes it
 */
#include "edu.h"

#include <pthread.h>
#include <stdatomic.h>

#include "liveupdate.h"

#define PAGES 16
#define IOVA 0x100000
#define OTHER_IOVA 0x200000
#define MARK 0x5a17e000u
#define MOST 2

static int iommu = -1, memory_fd = -1, session_fd = -1, count;
static struct edu edus[MOST];
static uint8_t *pages;
static pthread_t threads[MOST];
static atomic_int stopping;
static atomic_long transfers[MOST];

/* Said in the last page, for whoever has the memory next. */
struct note {
    uint32_t ioas;
};

static struct note *note(void) { return (struct note *)(pages + (PAGES - 1) * PAGE); }

static void say(const char *what) {
    printf("%s\n", what);
    fflush(stdout);
}

static void answer(long result) {
    if (result < 0) {
        printf("no %s\n", strerrorname_np(errno));
        fflush(stdout);
    } else {
        say("ok");
    }
}

static void map_memory(void) {
    pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
    OR_DIE(pages == MAP_FAILED ? -1 : 0);
}

static void open_all(int devices, long first) {
    memory_fd = (int)OR_DIE(memfd_create("dma", 0));
    OR_DIE(ftruncate(memory_fd, PAGES * PAGE));
    map_memory();
    iommu = (int)OR_DIE(open("/dev/iommu", O_RDWR | O_CLOEXEC));
    note()->ioas = ioas_alloc(iommu);
    for (count = 0; count < devices; count++) {
        char path[64];
        snprintf(path, sizeof path, "/dev/vfio/devices/vfio%ld", first + count);
        int fd = (int)OR_DIE(open(path, O_RDWR | O_CLOEXEC));
        bind_and_attach(fd, iommu, note()->ioas);
        edus[count] = edu_of(fd);
        become_master(&edus[count]);
        write_register(&edus[count], EDU_LIVENESS, MARK + (uint32_t)count);
    }
    map_file(iommu, note()->ioas, memory_fd, PAGES * PAGE, IOVA);
    say("ok");
}

static void open_legacy(const char *group, const char *address) {
    int container = (int)OR_DIE(open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC));
    int fd = (int)OR_DIE(open(group, O_RDWR | O_CLOEXEC));
    OR_DIE(ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container));
    OR_DIE(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));
    edus[0].fd = (int)OR_DIE(ioctl(fd, VFIO_GROUP_GET_DEVICE_FD, address));
    say("ok");
}

static void resume(int devices) {
    map_memory();
    for (count = 0; count < devices; count++) {
        edus[count] = edu_of(edus[count].fd);
    }
    say("ok");
}

static void alive(int devices) {
    for (int i = 0; i < devices; i++) {
        struct vfio_device_info info = {.argsz = sizeof info};
        OR_DIE(ioctl(edus[i].fd, VFIO_DEVICE_GET_INFO, &info));
        uint32_t identity = read_register(&edus[i], 0), mark = read_register(&edus[i], EDU_LIVENESS);
        if (identity != 0x010000edu || mark != ~(MARK + (uint32_t)i) || !is_master(&edus[i])) {
            printf("failed: vfio%d is 0x%x, its register 0x%x, bus master %d\n", i, identity, mark, is_master(&edus[i]));
            return;
        }
    }
    say("ok");
}

/* Half a page of memory to the device and back into the next page. Whether it came back as it was. */
static int round_trip(int i, uint64_t iova, uint8_t *at, uint32_t seed) {
    uint32_t *from = (uint32_t *)at, *to = (uint32_t *)(at + PAGE);
    for (int word = 0; word < MOVED / 4; word++) {
        from[word] = seed * 2654435761u + (uint32_t)word;
        to[word] = 0;
    }
    begin(&edus[i], iova, 0);
    if (!await_end(&edus[i])) {
        return 0;
    }
    begin(&edus[i], iova + PAGE, 1);
    return await_end(&edus[i]) && memcmp(from, to, MOVED) == 0;
}

static int old_mapping(int i, uint32_t seed) {
    return round_trip(i, IOVA + (uint64_t)(2 * i) * PAGE, pages + 2 * i * PAGE, seed);
}

static void dma(int devices) {
    for (int i = 0; i < devices; i++) {
        if (!old_mapping(i, 77 + (uint32_t)i)) {
            say("failed: what came back through the old mapping is not what went");
            return;
        }
    }
    say("ok");
}

static void *work(void *argument) {
    int i = (int)(intptr_t)argument;
    while (!stopping) {
        if (!old_mapping(i, (uint32_t)transfers[i] + 1)) {
            printf("failed: vfio%d lost transfer %ld\n", i, (long)transfers[i] + 1);
            fflush(stdout);
            _exit(1);
        }
        transfers[i]++;
    }
    return NULL;
}

static void start(int devices) {
    stopping = 0;
    for (int i = 0; i < devices; i++) {
        OR_DIE(pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i) ? -1 : 0);
        usleep(50000); /* so that not all are between two transfers at once */
    }
    say("ok");
}

static void stop(void) {
    stopping = 1;
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("ok %ld and %ld transfers, everything came back as it was sent\n", (long)transfers[0], (long)transfers[1]);
    fflush(stdout);
}

/* An old session answers ESTALE, or nothing, once a successor has taken over. */
static int is_replaced(void) {
    struct named name = {sizeof name, 0, {0}};
    return ioctl(session_fd, GET_NAME, &name) < 0;
}

static void watch(void) {
    for (int tries = 0; tries < 60000 && !is_replaced(); tries++) {
        usleep(2000);
    }
    int running[MOST] = {is_running(&edus[0]), is_running(&edus[1])};
    long before[MOST] = {transfers[0], transfers[1]};
    if (!is_replaced()) {
        say("failed: the platform was not replaced");
        return;
    }
    printf("ok in flight when the successor took over: vfio0 %s after %ld transfers, vfio1 %s after %ld\n",
           running[0] ? "yes" : "no", before[0], running[1] ? "yes" : "no", before[1]);
    fflush(stdout);
}

static void remap(void) {
    int other = (int)OR_DIE(memfd_create("other", 0));
    OR_DIE(ftruncate(other, 2 * PAGE));
    uint8_t *mapped = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
    OR_DIE(mapped == MAP_FAILED ? -1 : 0);
    map_file(iommu, note()->ioas, other, 2 * PAGE, OTHER_IOVA);
    int right = round_trip(0, OTHER_IOVA, mapped, 4711);
    unmap(iommu, note()->ioas, 2 * PAGE, OTHER_IOVA);
    unmap(iommu, note()->ioas, PAGES * PAGE, IOVA);
    say(right ? "ok" : "failed: what came back through a new mapping is not what went");
}

#define LANDING 8

static void leave(uint8_t pattern) {
    memset(pages, pattern, MOVED);
    memset(pages + LANDING * PAGE, 0, PAGE);
    begin(&edus[0], IOVA, 0);
    await_end(&edus[0]);
    begin(&edus[0], IOVA + LANDING * PAGE, 1);
    say(is_running(&edus[0]) ? "ok" : "failed: it has landed already");
    _exit(0);
}

static void landed(uint8_t pattern) {
    if (!await_end(&edus[0])) {
        say("failed: the device has not come to an end");
        return;
    }
    for (int i = 0; i < MOVED; i++) {
        if (pages[LANDING * PAGE + i] != pattern) {
            printf("failed: byte %d is 0x%x\n", i, pages[LANDING * PAGE + i]);
            fflush(stdout);
            return;
        }
    }
    say("ok");
}

/* The variable of what a line calls memory, iommu, vfio0 or vfio1; a file of another name is opened. */
static int *place(const char *what) {
    static int other;
    if (strcmp(what, "memory") == 0) {
        return &memory_fd;
    } else if (strcmp(what, "iommu") == 0) {
        return &iommu;
    } else if (strncmp(what, "vfio", 4) == 0) {
        return &edus[atoi(what + 4) ? 1 : 0].fd;
    }
    other = (int)OR_DIE(open(what, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    return &other;
}

/* Only one program at a time can have the device open. */
static void open_session(unsigned long cmd, const char *name) {
    int device = (int)OR_DIE(open(DEVICE, O_RDWR | O_CLOEXEC));
    session_fd = session(device, cmd, name);
    answer(session_fd);
    close(device);
}

static void retrieve_into(const char *what, uint64_t token) {
    int fd = retrieve(session_fd, token);
    *place(what) = fd;
    answer(fd);
}

static void obey(const char *verb, const char *word, const char *last) {
    long number = atol(last);
    if (strcmp(verb, "open") == 0) {
        open_all(atoi(word), number);
    } else if (strcmp(verb, "legacy") == 0) {
        open_legacy(word, last);
    } else if (strcmp(verb, "session") == 0) {
        open_session(CREATE_SESSION, word);
    } else if (strcmp(verb, "incoming") == 0) {
        open_session(RETRIEVE_SESSION, word);
    } else if (strcmp(verb, "preserve") == 0) {
        answer(preserve(session_fd, *place(word), (uint64_t)number));
    } else if (strcmp(verb, "retrieve") == 0) {
        retrieve_into(word, (uint64_t)number);
    } else if (strcmp(verb, "resume") == 0) {
        resume(atoi(word));
    } else if (strcmp(verb, "alive") == 0) {
        alive(atoi(word));
    } else if (strcmp(verb, "dma") == 0) {
        dma(atoi(word));
    } else if (strcmp(verb, "start") == 0) {
        start(atoi(word));
    } else if (strcmp(verb, "stop") == 0) {
        stop();
    } else if (strcmp(verb, "watch") == 0) {
        watch();
    } else if (strcmp(verb, "remap") == 0) {
        remap();
    } else if (strcmp(verb, "leave") == 0) {
        leave((uint8_t)atoi(word));
    } else if (strcmp(verb, "landed") == 0) {
        landed((uint8_t)atoi(word));
    } else if (strcmp(verb, "finish") == 0) {
        answer(finish(session_fd));
    } else if (strcmp(verb, "close") == 0) {
        answer(close(session_fd));
    } else {
        say("failed: no such verb");
    }
}

int main(void) {
    char line[256], verb[32], word[200], last[32];
    while (fgets(line, sizeof line, stdin)) {
        *word = *last = 0;
        if (sscanf(line, "%31s %199s %31s", verb, word, last) > 0) {
            obey(verb, word, last);
        }
    }
    return 0;
}
