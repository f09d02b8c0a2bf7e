// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU's device edu, driven through VFIO and iommufd: just what the client needs of both, so that it compiles where the
 * kernel's headers are older. Whatever fails ends the program with a line that says so.
 *
 * edu has a register that keeps what is written, inverted, and a buffer that it fills from memory, or empties into memory,
 * in about 100 ms, when told to. The buffer has 4096 bytes; some versions of QEMU abort when all of them are used.
 */
#ifndef LUO_EDU_H
#define LUO_EDU_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define IOMMU_DESTROY _IO(';', 0x80)
#define IOAS_ALLOC _IO(';', 0x81)
#define IOAS_UNMAP _IO(';', 0x86)
#define IOAS_MAP_FILE _IO(';', 0x8f)
#define BIND_IOMMUFD _IO(';', 100 + 18)
#define ATTACH_PT _IO(';', 100 + 19)
#define DETACH_PT _IO(';', 100 + 20)
#define MAP_FIXED_WRITEABLE_READABLE 7
#define PAGE 4096
#define MOVED 2048
#define EDU_BUFFER 0x40000
#define EDU_LIVENESS 0x04
#define EDU_SOURCE 0x80
#define EDU_DESTINATION 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define FROM_DEVICE 2
#define RUNNING 1
#define PCI_COMMAND 4
#define PCI_COMMAND_MASTER 4

#define OR_DIE(call) or_die((long)(call), __LINE__, #call)

__attribute__((unused)) static long or_die(long result, int line, const char *what) {
    if (result < 0) {
        printf("failed: line %d: %s: %s\n", line, what, strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    return result;
}

struct edu {
    int fd;
    volatile uint8_t *bar;
    uint64_t config;
};

__attribute__((unused)) static uint32_t ioas_alloc(int iommu) {
    uint32_t argument[3] = {sizeof argument, 0, 0};
    OR_DIE(ioctl(iommu, IOAS_ALLOC, argument));
    return argument[2];
}

__attribute__((unused)) static void map_file(int iommu, uint32_t ioas, int fd, uint64_t length, uint64_t iova) {
    struct {
        uint32_t size, flags, ioas;
        int32_t fd;
        uint64_t start, length, iova;
    } argument = {sizeof argument, MAP_FIXED_WRITEABLE_READABLE, ioas, fd, 0, length, iova};
    OR_DIE(ioctl(iommu, IOAS_MAP_FILE, &argument));
}

__attribute__((unused)) static void unmap(int iommu, uint32_t ioas, uint64_t length, uint64_t iova) {
    struct {
        uint32_t size, ioas;
        uint64_t iova, length;
    } argument = {sizeof argument, ioas, iova, length};
    OR_DIE(ioctl(iommu, IOAS_UNMAP, &argument));
}

__attribute__((unused)) static void bind_and_attach(int device, int iommu, uint32_t ioas) {
    struct {
        uint32_t size, flags;
        int32_t iommu;
        uint32_t id;
    } bind = {sizeof bind, 0, iommu, 0};
    uint32_t attach[3] = {sizeof attach, 0, ioas};
    OR_DIE(ioctl(device, BIND_IOMMUFD, &bind));
    OR_DIE(ioctl(device, ATTACH_PT, attach));
}

/* Maps the registers of a bound device. */
__attribute__((unused)) static struct edu edu_of(int fd) {
    struct vfio_region_info bar = {.argsz = sizeof bar, .index = VFIO_PCI_BAR0_REGION_INDEX};
    struct vfio_region_info config = {.argsz = sizeof config, .index = VFIO_PCI_CONFIG_REGION_INDEX};
    OR_DIE(ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &bar));
    OR_DIE(ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &config));
    void *registers = mmap(NULL, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)bar.offset);
    OR_DIE(registers == MAP_FAILED ? -1 : 0);
    return (struct edu){fd, registers, config.offset};
}

__attribute__((unused)) static int is_master(const struct edu *edu) {
    uint16_t command = 0;
    OR_DIE(pread(edu->fd, &command, sizeof command, (off_t)(edu->config + PCI_COMMAND)));
    return (command & PCI_COMMAND_MASTER) != 0;
}

__attribute__((unused)) static void become_master(const struct edu *edu) {
    uint16_t command = 0;
    OR_DIE(pread(edu->fd, &command, sizeof command, (off_t)(edu->config + PCI_COMMAND)));
    command |= PCI_COMMAND_MASTER;
    OR_DIE(pwrite(edu->fd, &command, sizeof command, (off_t)(edu->config + PCI_COMMAND)));
}

__attribute__((unused)) static uint32_t read_register(const struct edu *edu, int at) {
    return *(volatile uint32_t *)(edu->bar + at);
}

__attribute__((unused)) static void write_register(const struct edu *edu, int at, uint64_t value) {
    if (at < EDU_SOURCE) {
        *(volatile uint32_t *)(edu->bar + at) = (uint32_t)value;
    } else {
        *(volatile uint64_t *)(edu->bar + at) = value;
    }
}

__attribute__((unused)) static int is_running(const struct edu *edu) {
    return (read_register(edu, EDU_COMMAND) & RUNNING) != 0;
}

/* Begins to move MOVED bytes between memory, as the device sees it, and the device. */
__attribute__((unused)) static void begin(const struct edu *edu, uint64_t iova, int from_device) {
    write_register(edu, EDU_SOURCE, from_device ? EDU_BUFFER : iova);
    write_register(edu, EDU_DESTINATION, from_device ? iova : EDU_BUFFER);
    write_register(edu, EDU_COUNT, MOVED);
    write_register(edu, EDU_COMMAND, RUNNING | (from_device ? FROM_DEVICE : 0));
}

/* Waits until nothing moves any more. Whether that was within 10 s. */
__attribute__((unused)) static int await_end(const struct edu *edu) {
    for (int tries = 0; tries < 5000; tries++) {
        if (!is_running(edu)) {
            return 1;
        }
        usleep(2000);
    }
    return 0;
}
#endif
