#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What an initial RAM disk would do, and then systemd: mounts what is not on the disk, and puts the distribution's units
# where systemd looks for units. They are the files of the distribution; trip.service runs /share/main.

export PATH=/usr/bin
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /var
mkdir -p /var/tmp /run/systemd/system/multi-user.target.wants
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro share /share
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro luo /opt/luo
cp -r /opt/luo/systemd/*.service /share/units/* /run/systemd/system
# Where they were enabled before: in all kernels but the first.
wanted=(trip.service lodger.service)
grep -q 'trip.stage=1' /proc/cmdline || wanted+=(luo.service)
for unit in "${wanted[@]}"; do ln -s "../$unit" /run/systemd/system/multi-user.target.wants; done
exec /usr/lib/systemd/systemd
