#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How long a platform takes until it offers sessions: as the executable jar on a JVM that is told nothing; by luo run, with
# what that script itself takes; and by luo run from a cache. In turn, so that all see the same machine.
set -u

export LUO_DIR=/run/luo
readonly luo=/opt/luo/luo runs=7

# start WAY COMMAND...
start() {
    local way=$1 from=$EPOCHREALTIME to tenths
    shift
    : >/run/log
    "$@" >>/run/log 2>&1 &
    for ((tenths = 0; tenths < 2400; tenths++)); do
        grep -q 'luo ready' /run/log && break
        sleep 0.05
    done
    to=$EPOCHREALTIME
    grep -q 'luo ready' /run/log || { echo "FAILED: $way does not start"; cat /run/log; exit 1; }
    ! grep -q '\[aot' /run/log || { echo "FAILED: the cache is not used"; cat /run/log; exit 1; }
    echo "$(((${to/./} - ${from/./}) / 1000))" >>"/run/$way"
    kill $!
    wait
}

# figures WAY: median, least and most
figures() { sort -n "/run/$1" | awk '{ms[NR] = $1} END {print ms[int((NR + 1) / 2)], ms[1], ms[NR]}'; }

for ((run = 0; run < runs; run++)); do
    start jar /opt/java/bin/java "-Dluo.dir=$LUO_DIR" -jar /share/luo.jar
    LUO_CACHE=/none start plain "$luo" run
    LUO_CACHE=/share/luo.aot start cache "$luo" run
done
read -r jar _ < <(figures jar)
for way in jar plain cache; do
    read -r median least most < <(figures "$way")
    printf '%-6s %6d ms (%d–%d)  %.2f\n' "$way" "$median" "$least" "$most" "$(awk "BEGIN {print $median / $jar}")"
done
echo "median (least–most) of $runs starts, and the median's share of the jar's"
read -r median _ < <(figures cache)
((3 * median < 2 * jar)) || { echo "FAILED: more than two thirds of the jar's"; exit 1; }
