#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A kexec to a platform that is killed before it serves, and none of whose doors opens then: nothing that came over is lost,
# and all of it can be had when the cause is gone. As the guest makes it, once in each kernel; which one it is, the command
# line says (trip.stage=N).
#
# 1 platform, a session of the device and one of the agent · kexec · 2 under a service manager, killed when it has taken what
# came, started again; directories where sockets belong: the platform stays up and says so · they go, one after the other ·
# what the open doors answer · both sessions verified, byte by byte
set -u

export LUO_DIR=/run/luo LUO_CACHE=/share/luo.aot
stage=$(sed -n 's/.*trip.stage=\([0-9]*\).*/\1/p' /proc/cmdline)
luo=/opt/luo/luo client=/share/client log=/run/platform.log

fail() {
    echo "FAILED: $*"
    tail -n 30 "$log"
    exit 1
}
say() { echo "[$stage] $*"; }
preload() { LUO_DEVICE_SOCKET=$LUO_DIR/liveupdate LD_PRELOAD=/opt/luo/native/libluo-preload.so "$@"; }

wants() { # TEXT COMMAND...: the command prints that
    local text=$1
    shift
    out=$("$@" 2>&1)
    [[ $out == *"$text"* ]] || fail "$* printed '$out', not '$text'"
}

await() { # TEXT FILE
    for ((tenths = 0; tenths < 900; tenths++)); do
        grep -q "$1" "$2" && return
        sleep 0.1
    done
    fail "$2 does not say '$1'"
}

start() { # [COMMAND...]: by which it is started
    "$@" "$luo" run --dir "$LUO_DIR" --bundles /opt/luo/bundles --bundles /opt/luo/workload >>"$log" 2>&1 &
    await 'luo ready' "$log"
    say "$(grep -o 'luo ready.*' "$log")"
}

# What has been taken from the kernel is not served yet.
kill_when_taken() {
    tail -n +1 -f "$log" | grep -qm1 'came over a kexec from'
    kill -KILL "$(cat "$LUO_DIR/pid")"
}

one() {
    start
    preload "$client" preserve held 20 4194304 >/run/held.log &
    await preserved /run/held.log
    preload "$client" agent guarded 5 4194304 >/run/guarded.log &
    next=$(sed 's/trip.stage=1/trip.stage=2/' /proc/cmdline)
    wants '"result"' "$client" ask kernel.load "{\"kernel\":\"/share/bzImage\",\"cmdline\":\"$next\"}"
    say leaving
    "$luo" kexec
    fail 'the kexec came back'
}

two() {
    local began
    mkdir -m 700 "$LUO_DIR"
    mkdir "$LUO_DIR"/{admin.sock,liveupdate,agent.sock}
    : >"$log"
    kill_when_taken &
    start /share/keeper "$log" /run/keeper.log
    wants 'keeper: start 2' cat /run/keeper.log
    wants 'handed in' grep "kernel session 'org.luo', incoming" "$log"
    [[ $(grep -c 'came over a kexec from' "$log") == 2 ]] || fail 'it is not taken twice'
    await 'lets go of the kernel session' /run/keeper.log
    cat /run/keeper.log
    for door in admin device agent; do
        wants 'is no socket; move it away' grep "ERROR .*door $door is shut" "$log"
        say "$out"
    done
    wants 'came over a kexec from' cat "$log"
    began=$(date +%s%N)
    rmdir "$LUO_DIR/admin.sock"
    await 'door admin is open at last' "$log"
    say "open after $((($(date +%s%N) - began) / 1000000)) ms"
    wants '"shut":[{' "$client" ask doors
    wants '"name":"held","direction":"incoming","files":20' "$client" ask sessions
    rmdir "$LUO_DIR"/{liveupdate,agent.sock}
    await 'door device is open at last' "$log"
    await 'door agent is open at last' "$log"
    wants '"shut":[]' "$client" ask doors
    say "$out"
    wants 'verified held: 20 files' preload "$client" verify held 20 4194304
    say "$out"
    wants 'verified guarded: 5 files' preload "$client" claim guarded 5 4194304
    say "$out"
    wants '"sessions":[]' "$client" ask sessions
}

case $stage in 1) one ;; 2) two ;; *) fail "no stage '$stage'" ;; esac
