#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""/dev/liveupdate from Python, with fcntl.ioctl and with ctypes: "device.py before" preserves, "device.py after" takes back."""

import ctypes
import errno
import fcntl
import os
import struct
import sys

CREATE_SESSION, RETRIEVE_SESSION = 0xBA00, 0xBA01
PRESERVE_FD, RETRIEVE_FD, FINISH, GET_NAME = 0xBA40, 0xBA41, 0xBA42, 0xBA43


def session(device, cmd, name):
    argument = bytearray(struct.pack("=Ii64s", 72, -1, name))
    fcntl.ioctl(device, cmd, argument, True)
    return struct.unpack_from("=i", argument, 4)[0]


def fails(error, call, *arguments):
    try:
        call(*arguments)
    except OSError as failure:
        assert failure.errno == error, failure
    else:
        raise AssertionError(f"no {errno.errorcode[error]}")


class Kept(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("fd", ctypes.c_int32), ("token", ctypes.c_uint64)]


def call(fd, cmd, argument):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ioctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p]
    if libc.ioctl(fd, cmd, ctypes.byref(argument)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def before(device):
    kept = session(device, CREATE_SESSION, b"python")
    fails(errno.EEXIST, session, device, CREATE_SESSION, b"python")
    memory = os.memfd_create("python")
    os.write(memory, b"kept by Python")
    call(kept, PRESERVE_FD, Kept(16, memory, 1))
    fails(errno.EBUSY, call, kept, PRESERVE_FD, Kept(16, memory, 2))
    fails(errno.ENOTTY, os.ttyname, kept)
    name = bytearray(struct.pack("=II64s", 72, 0, b""))
    fcntl.ioctl(kept, GET_NAME, name, True)
    assert name[8:].rstrip(b"\0") == b"python", name
    print("ready", flush=True)
    sys.stdin.readline()


def after(device):
    back = session(device, RETRIEVE_SESSION, b"python")
    kept = Kept(16, -1, 1)
    call(back, RETRIEVE_FD, kept)
    assert os.pread(kept.fd, 100, 0) == b"kept by Python"
    assert not os.get_inheritable(kept.fd)
    fcntl.ioctl(back, FINISH, bytearray(struct.pack("=II", 8, 0)), True)
    fails(errno.ENOENT, call, back, RETRIEVE_FD, Kept(16, -1, 1))


def main():
    device = os.open("/dev/liveupdate", os.O_RDWR)
    fails(errno.EBUSY, os.open, "/dev/liveupdate", os.O_RDWR)
    {"before": before, "after": after}[sys.argv[1]](device)
    print("done", flush=True)


main()
