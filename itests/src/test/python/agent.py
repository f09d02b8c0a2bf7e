#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of the agent: "agent.py SOCKET before" subscribes and preserves, "agent.py SOCKET after" claims."""

import fcntl
import json
import os
import socket
import struct
import sys

PRESERVE_FD, RETRIEVE_FD, FINISH = 0xBA40, 0xBA41, 0xBA42


def connect():
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    agent.connect(sys.argv[1])
    return agent


def send(agent, **members):
    agent.sendall(json.dumps(members).encode() + b"\n")


def receive(agent):
    line, fds, _, _ = socket.recv_fds(agent, 4096, 1)
    return json.loads(line) if line else None, fds


def before():
    agent = connect()
    agent.sendall(b"nonsense\n")
    assert receive(agent)[0]["error"]["errno"] == "EBADMSG"
    send(agent, cmd="SUBSCRIBE", id="python", ack=True)
    assert receive(agent)[0]["event"] == "DONE"
    print("ready", flush=True)
    event, fds = receive(agent)
    assert event == {"event": "START_PRESERVATION", "id": "python"}, event
    memory = os.memfd_create("python")
    os.write(memory, b"kept for Python")
    fcntl.ioctl(fds[0], PRESERVE_FD, bytearray(struct.pack("=IiQ", 16, memory, 1)), True)
    send(agent, cmd="READY")


def after():
    agent = connect()
    send(agent, cmd="CLAIM", id="python")
    answer, fds = receive(agent)
    assert answer == {"event": "CLAIMED", "id": "python"}, answer
    argument = bytearray(struct.pack("=IiQ", 16, -1, 1))
    fcntl.ioctl(fds[0], RETRIEVE_FD, argument, True)
    memory = struct.unpack_from("=i", argument, 4)[0]
    assert os.pread(memory, 100, 0) == b"kept for Python"
    fcntl.ioctl(fds[0], FINISH, bytearray(struct.pack("=II", 8, 0)), True)


{"before": before, "after": after}[sys.argv[2]]()
print("done", flush=True)
