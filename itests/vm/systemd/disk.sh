# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the guest's disk has in addition if systemd is its process 1: this machine's own systemd, with its units as they
# are, as far as a system without devices, users and networks needs them. Or another one: LUO_TEST_SYSTEMD is a directory
# in which the packages of systemd and of all that it needs, the C library too, were unpacked (dpkg-deb -x).
# Sourced by run.sh; see guest.sh.

readonly systemd_root=${LUO_TEST_SYSTEMD:-}
readonly systemd_programs=(systemd systemd-executor systemd-journald systemd-shutdown)
readonly systemd_units=(basic.target emergency.target emergency.service final.target kexec.target local-fs-pre.target
    local-fs.target multi-user.target paths.target poweroff.target shutdown.target slices.target sockets.target
    swap.target sysinit.target systemd-journald-dev-log.socket systemd-journald.service systemd-journald.socket
    systemd-kexec.service systemd-poweroff.service timers.target umount.target)

systemd_needs() {
    local file
    for file in lib/systemd/systemd lib/systemd/systemd-shutdown bin/systemctl bin/journalctl; do
        [[ -x $systemd_root/usr/$file ]] || skip "there is no systemd here: $systemd_root/usr/$file is missing"
    done
}

# What the disk is made of, so that it is made anew when that changes.
guest_tag_systemd() { stat -L -c '%n %s %Y' "$systemd_root/usr/lib/systemd/systemd"; }

# The libraries that programs on the disk need: found by the paths that the programs name, or all that were unpacked.
systemd_libraries() { # TREE PROGRAM...
    if [[ $systemd_root ]]; then
        cp -a --remove-destination "$systemd_root"/usr/lib/*-linux-gnu* "$1/usr/lib"
        cp -a --remove-destination "$systemd_root/usr/lib64" "$1/usr"
    else
        guest_libraries "${@:2}" | xargs -I '{}' cp -L --parents '{}' "$1"
    fi
}

# The disk's directory, filled already with what each guest has.
guest_fill_systemd() {
    local tree=$1 lib=$1/usr/lib/systemd from=$systemd_root/usr/lib/systemd file
    mkdir -p "$tree"/{etc/systemd/system,home,root,usr/lib/jvm,var} "$lib/system"/{sockets,sysinit}.target.wants
    for file in "${systemd_programs[@]}"; do
        [[ ! -e $from/$file ]] || cp -L "$from/$file" "$lib"
    done
    cp -L "$systemd_root"/usr/bin/{systemctl,journalctl} "$tree/usr/bin"
    for file in "${systemd_units[@]}"; do
        cp -L "$from/system/$file" "$lib/system" || skip "this systemd has no unit $file"
    done
    ln -s ../systemd-journald.service "$lib/system/sysinit.target.wants/"
    ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket "$lib/system/sockets.target.wants/"
    ln -s /usr/lib/systemd/system/multi-user.target "$tree/etc/systemd/system/default.target"
    systemd_libraries "$tree" "$lib"/systemd* "$tree/usr/bin/"{systemctl,journalctl}
    echo 'root:x:0:0:root:/root:/bin/bash' >"$tree/etc/passwd"
    echo 'root:x:0:' >"$tree/etc/group"
    : >"$tree/etc/machine-id" # each boot makes one of its own
    ln -s /opt/java "$tree/usr/lib/jvm/java"
    install -m 755 "$here/systemd/init.sh" "$tree/init"
}
