#!/usr/bin/env python3
"""A client of the platform that knows nothing of it but /dev/liveupdate. To be run with: luo exec -- python3 try.py …

keep FILE TEXT   writes a text into a file and keeps it, in session "try", until the session has gone over
claim            takes the session back, prints what the file says, and finishes it
"""

import errno
import fcntl
import os
import select
import struct
import sys

CREATE_SESSION, RETRIEVE_SESSION, PRESERVE_FD, RETRIEVE_FD, FINISH = 0xBA00, 0xBA01, 0xBA40, 0xBA41, 0xBA42


def ask(fd, command, argument):
    try:
        fcntl.ioctl(fd, command, argument)
    except OSError as e:
        sys.exit(f"ioctl 0x{command:X}: {errno.errorcode[e.errno]}")
    return struct.unpack_from("=i", argument, 4)[0]


def session(command):
    device = os.open("/dev/liveupdate", os.O_RDWR)
    return ask(device, command, bytearray(struct.pack("=Ii64s", 72, -1, b"try")))


def keep(path, text):
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, text.encode())
    outgoing = session(CREATE_SESSION)
    ask(outgoing, PRESERVE_FD, struct.pack("=IiQ", 16, fd, 1))
    print(f"{path} is kept as try/0x1", flush=True)
    gone = select.poll()
    gone.register(outgoing, 0)
    gone.poll()


def claim():
    incoming = session(RETRIEVE_SESSION)
    fd = ask(incoming, RETRIEVE_FD, bytearray(struct.pack("=IiQ", 16, -1, 1)))
    print(f"{os.readlink(f'/proc/self/fd/{fd}')} says: {os.pread(fd, 1000, 0).decode()}")
    ask(incoming, FINISH, struct.pack("=II", 8, 0))


{"keep": keep, "claim": claim}[sys.argv[1]](*sys.argv[2:])
