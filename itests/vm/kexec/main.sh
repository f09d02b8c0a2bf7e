#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The trip across two kexecs, as the guest makes it: once in each kernel. Which kernel it is, the command line says
# (trip.stage=N), and how much memory the trip takes along (trip.mib=N).
#
# 1 platform, sessions of all kinds, refusals · kexec · 2 a door that does not open, all verified but one that nobody
# claims, new ones · a shutdown as a service manager's, kexec · 3 from an agent that has the device, that one and the new
# ones verified; a kexec that fails in the kernel, and everything goes on; the device is the agent's, and then the service
# manager's; a kexec that does not happen.
set -u

export LUO_DIR=/run/luo LUO_CACHE=/share/luo.aot
word() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" /proc/cmdline; }
stage=$(word trip.stage) mib=$(word trip.mib)
luo=/opt/luo/luo client=/share/client
readonly total=$((mib << 20))

fail() {
    echo "FAILED: $*"
    tail -n 30 /run/platform.log
    exit 1
}
say() { echo "[$stage] $*"; }
preload() { LUO_DEVICE_SOCKET=$LUO_DIR/liveupdate LD_PRELOAD=/opt/luo/native/libluo-preload.so "$@"; }
ask() { "$client" ask "$@"; }

wants() { # TEXT COMMAND...: the command prints that
    local text=$1
    shift
    out=$("$@" 2>&1)
    [[ $out == *"$text"* ]] || fail "$* printed '$out', not '$text'"
}

start() { # [COMMAND...]: by which it is started
    say "starting at $(date +%s.%N), up $(cut -d' ' -f1 /proc/uptime) s"
    "$@" "$luo" run --dir "$LUO_DIR" --bundles /opt/luo/bundles --bundles /opt/luo/workload >/run/platform.log 2>&1 &
    for ((tenths = 0; tenths < 900; tenths++)); do
        grep -q 'luo ready' /run/platform.log && break
        sleep 0.1
    done
    grep -q 'luo ready' /run/platform.log || fail "the platform does not start"
    ! grep -q '\[aot' /run/platform.log || fail 'the cache is not used'
    say "$(grep -o 'luo ready.*' /run/platform.log), up $(cut -d' ' -f1 /proc/uptime) s"
    [[ ! ${log:-} ]] || kill "$log"
    tail -n +1 -f /run/platform.log | sed -un "s/.* INFO kernel - /[$stage] /p" &
    log=$!
}

holding() { # NAME FILES BYTES: a client of the device that holds its session
    env LUO_DEVICE_SOCKET=$LUO_DIR/liveupdate LD_PRELOAD=/opt/luo/native/libluo-preload.so \
        "$client" preserve "$@" >"/run/$1.log" &
    until grep -q preserved "/run/$1.log"; do
        kill -0 $! 2>/dev/null || fail "$(cat "/run/$1.log")"
        sleep 0.1
    done
    say "$(cat "/run/$1.log")"
}

load() {
    local next
    next=$(sed "s/trip.stage=[0-9]*/trip.stage=$((stage + 1))/" /proc/cmdline)
    ((stage > 1)) || wants 'loaded /share/bzImage' "$luo" kexec load /share/bzImage --cmdline "$next"
    wants '"result"' ask kernel.load "{\"kernel\":\"/share/bzImage\",\"cmdline\":\"$next\"}"
}

# What a service manager does: everybody is told to end, and then the machine boots another kernel.
shut_down() {
    trap '' TERM
    wants '"files"' ask update '{"kind":"kernel","prepare-only":"true"}'
    say "prepared at $(date +%s.%N), up $(cut -d' ' -f1 /proc/uptime) s"
    sleep 2
    kill -TERM -1
    sleep 1
    "$client" kexec 0 0 0
}

# Nobody comes back from there; the time is that of the machine outside, by way of its console.
leave() { # COMMAND...
    say "leaving at $(date +%s.%N), up $(cut -d' ' -f1 /proc/uptime) s"
    "$@"
    fail "the kexec came back"
}

one() {
    start
    say "bare: $("$client" bare one 1 $((total / 16)))"
    say "bare: $("$client" bare hundred 100 $((total / 16)))"
    say "bare: $("$client" bare thousand 1000 $((total * 3 / 4)))"
    wants 'no kernel is loaded; load one' "$luo" check --kernel
    wants '"errno":"EINVAL"' ask update '{"kind":"kernel"}'
    holding one 1 $((total / 16))
    holding hundred 100 $((total / 16))
    holding thousand 1000 $((total * 3 / 4))
    holding later 10 1048576
    wants '"files":5' ask workload.preserve "{\"sessions\":[\"java\"],\"files\":5,\"bytes\":$((total / 16)),\"seed\":7}"
    wants '"bytes"' ask workload.write
    load
    wants 'java/0x5 (memfd-p1: F_SEAL_EXEC' ask update '{"kind":"kernel"}'
    wants '"state":"normal"' ask state
    wants 'no file or format is called nobody/0x1' ask update '{"kind":"kernel","leave":"nobody/0x1"}'
    preload "$client" agent guarded 5 $((total / 16)) >/run/guarded.log &
    wants '"ready":true' ask kernel.check '{"leave":"java/0x5"}'
    leave "$luo" kexec --leave java/0x5
}

two() {
    mkdir -m 700 -p "$LUO_DIR"
    mkdir "$LUO_DIR/agent.sock" # so that the agent's door does not open
    start "$client" hand-in org.luo
    wants '"shut":[{"name":"agent"' ask doors
    wants "kernel session 'org.luo', incoming" grep 'has handed in' /run/platform.log
    wants '"live_updates":1' ask status
    wants '"kinds":{"kernel":1}' ask stats
    wants 'came by live update 1 of its own count' ask kernel.check
    say "$(preload "$client" verify one 1 $((total / 16)))" && say "$(preload "$client" verify hundred 100 $((total / 16)))"
    say "$(preload "$client" verify thousand 1000 $((total * 3 / 4)))"
    rmdir "$LUO_DIR/agent.sock"
    until [[ -S $LUO_DIR/agent.sock ]]; do sleep 0.1; done
    wants '"shut":[]' ask doors
    say "$(preload "$client" claim guarded 5 $((total / 16)))"
    wants 'left behind at the kexec' ask workload.verify
    wants '"mismatch_count":1' ask workload.verify
    say "$(ask workload.verify)"
    wants '"sessions":1' ask workload.finish
    wants '"name":"later","direction":"incoming","files":10' ask sessions
    holding fresh 3 1048576
    load
    leave shut_down
}

three() {
    agent
    start "$client" no-reboot
    wants 'org.luo has claimed its session' cat /run/luod.log
    kill "$agent"
    wants '"live_updates":2' ask status
    wants '"carried":1' ask sessions
    say "$(preload "$client" verify later 10 1048576)"
    say "$(preload "$client" verify fresh 3 1048576)"
    wants '"sessions":[]' ask sessions
    holding more 20 1048576
    more=$!
    load
    wants '"state":"prepared"' ask prepare
    wants '"state":"frozen"' ask freeze
    wants 'the kernel could not freeze what it preserves' ask update '{"kind":"kernel"}'
    wants '"state":"normal"' ask state
    wants '"name":"more","direction":"outgoing","files":20' ask sessions
    wants '"ready":true' ask kernel.check
    say "$("$client" bare again 1 4096)"
    wants 'preserved other' timeout 20 env LUO_DEVICE_SOCKET=$LUO_DIR/liveupdate \
        LD_PRELOAD=/opt/luo/native/libluo-preload.so "$client" bare other 2 8192
    kill "$more"
    for ((tenths = 0; tenths < 100; tenths++)); do
        [[ $(ask sessions) == *'"sessions":[]'* ]] && break
        sleep 0.1
    done
    wants '"sessions":[]' ask sessions
    compare_preserving 1000 $((total * 3 / 4))
    holding last 20 1048576
    say "rolled back: $(grep -c ERROR /run/platform.log) errors in the log"
    elsewhere
    back
}

agent() { # that has the device
    mkdir -p /run/luod
    rm -f /run/luod/liveupdate.sock
    "$client" luod /run/luod/liveupdate.sock >/run/luod.log &
    agent=$!
    until grep -q listens /run/luod.log; do sleep 0.1; done
}

gone() { while kill -0 "$(cat /run/luo/pid)" 2>/dev/null; do sleep 0.1; done; }

# Somebody else has the device, and so do we: an agent, and the service manager.
elsewhere() {
    agent
    wants 'by the agent at /run/luod/liveupdate.sock' ask kernel.check
    wants 'it boots, not this platform' ask update '{"kind":"kernel"}'
    wants '"successor_pid":'$agent ask update '{"kind":"kernel","prepare-only":"true"}'
    wants 'org.luo keeps its session, having said {"cmd":"READY"}' cat /run/luod.log
    cat /run/luod.log
    kill "$agent"
    gone
    start "$client" hand-in -
    wants 'handed in by the service manager: fd 3, the device' "$luo" check --kernel
    say "$out"
    wants 'Device or resource busy' "$client" bare busy 1 4096
    say "handed in: the device"
}

# Everything is ready for a kexec, which does not happen.
back() {
    local holder
    holding given 2 8192
    wants '"successor_pid"' ask update '{"kind":"kernel","prepare-only":"true"}'
    holder=$(sed 's/.*"successor_pid":\([0-9]*\).*/\1/' <<<"$out")
    gone
    start
    wants '"sessions":[]' ask sessions
    holding mine 2 8192
    wants "for a kexec that has not happened, process $holder (@luo-kexec); kexec now" ask update '{"kind":"kernel"}'
    wants '"name":"mine","direction":"outgoing","files":2' ask sessions
    kill -9 "$holder"
    while kill -0 "$holder" 2>/dev/null; do sleep 0.1; done
    wants '"successor_pid"' ask update '{"kind":"kernel","prepare-only":"true"}'
    say "no kexec: came back"
}

# What the platform adds to the kernel's own work: it gives all files to the kernel, and then can't reboot; a program gives
# the same files to the kernel, and takes them back. In turn, and in turns who is first; while there is still something to
# compile, times count for nothing. Microseconds a file. The ratio is that of neighbours: what else the machine does, both feel.
compare_preserving() { # FILES BYTES
    local run who took
    coproc rival { preload "$client" rival rival "$1" "$2"; }
    read -rt 300 <&"${rival[0]}" || fail "the rival does not preserve"
    for ((run = 0; run < 41; run++)); do
        ((run != 20)) || rm /run/preserving.*
        for who in $( ((run & 1)) && echo platform bare || echo bare platform); do
            "preserving_$who" "$1"
            echo "$took" >>"/run/preserving.$who"
        done
    done
    say "preserve, bare: $(quartiles " us a file" </run/preserving.bare)"
    say "preserve, platform: $(quartiles " us a file" </run/preserving.platform)"
    say "preserve, platform to bare: $(awk 'NR == FNR {bare[NR] = $1; next} {printf "%.3f\n", $1 / bare[FNR]}' \
        /run/preserving.bare /run/preserving.platform | quartiles)"
    exec {rival[1]}>&-
    wait "$rival_PID"
}

preserving_bare() { # FILES
    local nanos
    echo >&"${rival[1]}"
    read -rt 300 nanos <&"${rival[0]}" || fail "the rival does not answer"
    took=$(awk "BEGIN {printf \"%.1f\", $nanos / 1000 / $1}")
}

preserving_platform() { # FILES: and no others are preserved
    wants 'the kernel could not freeze' ask update '{"kind":"kernel"}'
    took=$(awk -v files="$1" '$0 ~ ": " files " open files" && match($0, /preserve [0-9.]+/) {
        us = substr($0, RSTART + 9, RLENGTH - 9) * 1000 / files
    } END {printf "%.1f", us}' /run/platform.log)
}

quartiles() { # [UNIT]
    sort -n | awk -v unit="${1:-}" '{value[NR] = $1} END {
        print value[int((NR + 1) / 2)] unit ", median of", NR, "(" value[1] "–" value[NR] ", half of them " \
            value[int((NR + 3) / 4)] "–" value[int((3 * NR + 3) / 4)] ")"}'
}

case $stage in 1) one ;; 2) two ;; 3) three ;; *) fail "no stage '$stage'" ;; esac
