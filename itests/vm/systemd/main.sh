#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The distribution's units under a real systemd, as the guest sees it: once in each kernel. Which kernel it is, the
# command line says (trip.stage=N).
#
# 1 started · kill -9 · restarted in order · live update, with huge pages · systemd anew, kill -9 of the successor · hung, the
# watchdog · with systemd 254 and newer: stopped, started · systemctl kexec · 2 up again by itself, everything verified but what can't
# cross. Each takes one session less than the one before: what nobody claims goes on.
set -u
exec </dev/null >/dev/ttyS1 2>&1
stty raw <&1

word() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" /proc/cmdline; }
stage=$(word trip.stage)
client=/share/client
readonly files=10 bytes=4194304
rounds=(crashed restarted updated orphaned hung kexeced)

say() { echo "[$stage] $*"; }
preload() { LUO_DEVICE_SOCKET=$LUO_DIR/liveupdate LD_PRELOAD=/opt/luo/native/libluo-preload.so "$@"; }
ask() { "$client" ask "$@"; }
luo() { /opt/luo/luo "$@"; }
property() { systemctl show luo --value --property "$1"; }

over() { # STATUS: the machine is switched off, having said how it ended
    echo "# main ended with $1"
    systemctl poweroff --force
    sleep 60
}

fail() {
    echo "FAILED: $*"
    systemctl status luo --no-pager --lines 0
    journalctl --unit luo --no-pager --lines 40 --output cat
    over 1
}

wants() { # TEXT COMMAND...: the command prints that
    local text=$1
    shift
    out=$("$@" 2>&1)
    [[ $out == *"$text"* ]] || fail "$* printed '$out', not '$text'"
}

until_true() { # COMMAND...
    for ((tenths = 0; tenths < 1200; tenths++)); do
        ! "$@" || return 0
        sleep 0.1
    done
    fail "never: $*"
}

shows() { # PROPERTY VALUE
    [[ $(property "$1") == "$2" ]]
}

says() { # END: how the unit's status ends
    [[ $(property StatusText) == *"$1" ]]
}

another_is_up() { # PID: the unit is active, and its main process is another one
    [[ $(property MainPID) != "$1" ]] && shows SubState running
}

report() { # WHAT SINCE
    say "$1 after $(($(date +%s%N) / 1000000 - $2)) ms: main process $(property MainPID), $(property NRestarts) restarts," \
        "$(property NFileDescriptorStore) files in the store, $(property StatusText)"
}

# Has something happen that another process comes out of, and verifies what had been preserved.
round() { # NAME COMMAND...
    local name=$1 before start
    shift
    before=$(property MainPID)
    wants '"behind":0' ask fdstore.sync
    start=$(($(date +%s%N) / 1000000))
    "$@" "$before" || fail "$* failed"
    until_true another_is_up "$before"
    report "$name" "$start"
    say "$(preload "$client" verify "$name" $files $bytes)"
}

crash() { kill -9 "$1"; }
# As when systemd itself is upgraded.
reexec_and_crash() {
    systemctl daemon-reexec
    kill -9 "$1"
}

restart() { systemctl restart luo; }
hang() { kill -STOP "$1"; }

stop_and_start() {
    systemctl stop luo || fail "systemctl stop luo"
    shows ActiveState inactive || fail "it is not stopped"
    say "stopped, with $(property NFileDescriptorStore) files in the store"
    systemctl start luo
}

update() {
    wants 'live update 1' luo update
    say "${out##*$'\n'}"
    until_true says 'live update 1'
}

one() {
    say "$(systemctl --version | head -n 1), $(uname -sr)"
    systemctl start luo || fail "systemctl start luo"
    wants 'normal: 0 sessions, 0 files; live update 0' property StatusText
    ! journalctl --unit luo --no-pager | grep -F '[aot' || fail 'the cache is not used'
    say "up $(cut -d' ' -f1 /proc/uptime) s: $(systemctl show luo --property Type,ActiveState,MainPID,StatusText | tr '\n' ' ')"
    [[ $(property FileDescriptorStorePreserve) != yes ]] || rounds+=(stopped)
    for name in "${rounds[@]}"; do
        preload "$client" preserve "$name" $files $bytes >"/run/$name.log" &
        until_true grep -q preserved "/run/$name.log"
    done
    until_true shows StatusText "normal: ${#rounds[@]} sessions, $((files * ${#rounds[@]})) files; live update 0"
    round crashed crash
    wants 1 property NRestarts
    round restarted restart
    wants 0 property NRestarts
    preload "$client" huge huge 1 $bytes >/run/huge.log &
    until_true grep -q preserved /run/huge.log
    round updated update
    wants 0 property NRestarts
    say "$(preload "$client" verify huge 1 $bytes)"
    round orphaned reexec_and_crash
    wants 1 property NRestarts
    round hung hang
    wants 2 property NRestarts
    wants 'Result=success' systemctl show luo --property Result
    [[ ${rounds[-1]} != stopped ]] || round stopped stop_and_start
    systemctl start guarded lodger
    preload "$client" stuck stuck 1 4096 >/run/stuck.log &
    until_true grep -q preserved /run/stuck.log
    next=$(sed "s/trip.stage=[0-9]*/trip.stage=$((stage + 1))/" /proc/cmdline)
    wants 'loaded /share/bzImage' luo kexec load /share/bzImage --cmdline "$next"
    wants 1 cat /sys/kernel/kexec_loaded
    say "leaving at $(date +%s), up $(cut -d' ' -f1 /proc/uptime) s"
    systemctl kexec 2>/dev/null # it would ask logind first, and says that there is none
    sleep 120
    fail "there was no kexec"
}

two() {
    say "starting at $(date +%s), up $(cut -d' ' -f1 /proc/uptime) s, $(systemctl --version | head -n 1)"
    until_true shows SubState running
    report "up $(cut -d' ' -f1 /proc/uptime) s, ready" $(($(date +%s%N) / 1000000))
    journalctl --unit luo --no-pager --output cat | sed -n "s/.* INFO kernel - /[$stage] /p"
    say "$(preload "$client" verify kexeced $files $bytes)"
    say "$(preload "$client" claim guarded 5 $bytes)"
    say "$(preload "$client" claim lodger 5 $bytes)"
    wants 'retrieve: No data available' preload "$client" verify stuck 1 4096
    say "stuck: $out"
    wants '"sessions":[]' ask sessions
    say "$(ask stats | grep -o '"done":[0-9]*\|"kinds":{[^}]*}\|"recovered":[0-9]*' | tr '\n' ' ')"
}

case $stage in 1) one ;; 2) two ;; *) fail "no stage '$stage'" ;; esac
over 0
