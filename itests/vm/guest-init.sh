#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Process 1 of the virtual machine (guest.sh): runs /share/main, says how it ended, switches the machine off.
# What main prints goes out through the second serial port, so that nothing the kernel prints gets between it.

export PATH=/usr/bin HOME=/tmp LUO_JAVA_HOME=/opt/java LUO_HOME=/opt/luo
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro share /share
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro luo /opt/luo
[[ -e /dev/fd ]] || ln -s /proc/self/fd /dev/fd

exec </dev/null >/dev/ttyS1 2>&1
stty raw <&1
ulimit -n 65536
# A process of its own: 1 only takes in orphans.
bash /share/main
echo "# main ended with $?"
sleep 0.2
echo o >/proc/sysrq-trigger
sleep 60
