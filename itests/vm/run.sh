#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh differential         asks the real kernel and the platform, and compares answer by answer
# run.sh kernel [--record]    asks the kernel that LUO_TEST_KERNEL names, in QEMU; compares with kernel-7.2.txt, or writes it
# run.sh ours                 asks the platform in LUO_HOME; compares with kernel-7.2.txt and differences.tsv
# run.sh kexec                takes a platform's sessions across two kexecs, in a virtual machine; LUO_TRIP_MIB of them
# run.sh door                 a kexec to a platform that is killed, and whose doors do not open, in a virtual machine
# run.sh systemd              the distribution's unit under a real systemd, crashes and a kexec, in a virtual machine
# run.sh table                prints docs/differences.md
# run.sh devices              live-updates a platform while devices of VFIO work, in a virtual machine that has some
# run.sh start                measures how long a platform takes to start, in a virtual machine
# run.sh guest SCRIPT [FILE]  runs a script beside a platform's distribution and JDK in a virtual machine: guest.sh
#
# What is asked is luo-testkit/src/main/c. The answers are left in itests/target/vm. Exit status: 0 as expected,
# 1 not, 77 something that is needed is missing.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
readonly here root=$here/../.. golden=$here/kernel-7.2.txt known=$here/differences.tsv
readonly suite_sources=$root/luo-testkit/src/main/c results=$root/itests/target/vm
readonly compiler=("${CC:-cc}" -std=c11 -O1 -Wall -Wextra -Werror)
readonly stages=3 patience=120 trip_patience=800

die() { echo "run.sh: $*" >&2; exit 1; }
skip() { echo "run.sh: skipped: $*" >&2; exit 77; }
wants() { command -v "$1" >/dev/null || skip "$1 is not there"; }

# shellcheck source=itests/vm/guest.sh
source "$here/guest.sh"
# shellcheck source=itests/vm/systemd/disk.sh
source "$here/systemd/disk.sh"

build() {
    "${compiler[@]}" "$@" || die "could not compile ${*: -1}"
}

# A static init and the suite; the kernel is offered to the guest as well, for its kexec.
lay_out_guest() {
    wants cpio
    wants gzip
    mkdir -p "$work/share" "$work/root"/{dev,proc,sys,share}
    build -static -o "$work/root/init" "$here/init.c"
    build -static -o "$work/share/luo-wire-suite" "$suite_sources"/*.c
    cp "$LUO_TEST_KERNEL" "$work/share/bzImage"
    (cd "$work/root" && find . | cpio --quiet -o -H newc | gzip) >"$work/share/initramfs"
}

boot() {
    timeout --kill-after=5 "$patience" qemu-system-x86_64 -accel tcg -cpu max -m 2G -smp 2 -nodefaults -no-reboot \
        -display none -kernel "$work/share/bzImage" -initrd "$work/share/initramfs" \
        -append "console=ttyS0 panic=-1 kho=on liveupdate=on wire.stage=1" \
        -serial "file:$results/console.log" -serial "file:$work/kernel.txt" \
        -fsdev "local,id=share,path=$work/share,security_model=none,readonly=on" \
        -device virtio-9p-pci,fsdev=share,mount_tag=share </dev/null ||
        die "the machine did not switch itself off within $patience s; see $results/console.log"
    grep -qx '# complete' "$work/kernel.txt" || {
        tail -n 5 "$work/kernel.txt" "$results/console.log" >&2
        die "the kernel did not get through all stages"
    }
    sed -e '/^# stage [2-9]/d; /^# complete$/d' -e 's/^# stage 1 on \(Linux [0-9.]*\).*/# What \1 answers./' \
        "$work/kernel.txt" >"$results/kernel.txt"
}

kernel() {
    wants qemu-system-x86_64
    wants "${compiler[0]}"
    [[ ${LUO_TEST_KERNEL:-} ]] || skip "LUO_TEST_KERNEL names no kernel with CONFIG_LIVEUPDATE"
    [[ -r $LUO_TEST_KERNEL ]] || skip "LUO_TEST_KERNEL: no such file: $LUO_TEST_KERNEL"
    lay_out_guest
    boot
    if [[ ${1:-} == --record ]]; then
        cp "$results/kernel.txt" "$golden"
    else
        diff -u "$golden" "$results/kernel.txt" || die "the kernel answers otherwise than $golden says; see --record"
        echo "kernel: $(grep -vc '^#' "$golden") answers as recorded"
    fi
}

luo() { timeout --kill-after=5 "$patience" "$LUO_HOME/luo" --dir "$LUO_DIR" "$@"; }

# What is started here ends here: the platform, and whoever holds sessions, which the end of their input tells.
start_platform() {
    export LUO_DIR=$work/run
    "$LUO_HOME/luo" run --dir "$LUO_DIR" >"$results/platform.log" 2>&1 9>&- &
    platform=$!
    for ((tenths = 0; tenths < 300; tenths++)); do
        [[ -S $LUO_DIR/liveupdate ]] && luo status >/dev/null 2>&1 && return
        kill -0 "$platform" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$results/platform.log" >&2
    die "the platform offers no device"
}

stop_platform() {
    exec 9>&-
    luo stop --force >/dev/null 2>&1 || kill "$platform" 2>/dev/null || true
    wait "$platform" || true
    platform=
}

ours() {
    wants "${compiler[0]}"
    ((EUID == 0)) || skip "some of the questions need root"
    [[ -e $LUO_HOME/native/libluo-preload.so ]] || skip "no preload library in $LUO_HOME"
    build -o "$work/luo-wire-suite" "$suite_sources"/*.c
    mkfifo "$work/gate"
    exec 9<>"$work/gate"
    start_platform
    for ((stage = 1; stage <= stages; stage++)); do
        luo exec -- "$work/luo-wire-suite" --stage "$stage" <"$work/gate" 9>&- || die "stage $stage failed with status $?"
        ((stage == stages)) || luo update >"$work/update" 2>&1 || { cat "$work/update" >&2; die "the live update failed"; }
    done >"$results/ours.txt"
    stop_platform
    awk -f "$here/compare.awk" "$known" "$golden" "$results/ours.txt"
}

# The guest finds the kernel it is to boot in its share; its root file system needs no initial RAM disk.
kexec_share() { # SCRIPT
    local share
    guest_needs
    wants "${compiler[0]}"
    [[ -e $LUO_HOME/native/libluo-preload.so ]] || skip "no preload library in $LUO_HOME"
    share=$(guest_share)
    build -o "$share/client" "$here/kexec/client.c"
    cp "$here/kexec/$1" "$share/main"
    cp "$LUO_TEST_KERNEL" "$share/bzImage"
    guest_cache
}

door() {
    kexec_share door.sh
    build -o "$(guest_share)/keeper" "$here/kexec/keeper.c"
    guest_boot 400 "$results/door.txt" kho=on liveupdate=on trip.stage=1
    cat "$results/door.txt"
}

kexec() {
    kexec_share main.sh
    guest_boot "$trip_patience" "$results/kexec.txt" kho=on liveupdate=on trip.stage=1 "trip.mib=${LUO_TRIP_MIB:-512}" -- -m 4G
    cat "$results/kexec.txt"
}

# The same command line for both kernels, and systemd reads it too.
systemd() {
    local share
    systemd_needs
    guest_needs
    wants "${compiler[0]}"
    [[ -e $LUO_HOME/native/libluo-preload.so ]] || skip "no preload library in $LUO_HOME"
    share=$(guest_share)
    build -o "$share/client" "$here/kexec/client.c"
    cp "$here/systemd/main.sh" "$share/main"
    cp -r "$here/systemd/units" "$share"
    cp "$LUO_TEST_KERNEL" "$share/bzImage"
    guest_cache
    guest_with=systemd
    guest_boot 540 "$results/systemd.txt" kho=on liveupdate=on trip.stage=1 hugepages=2 systemd.journald.forward_to_console=1
    cat "$results/systemd.txt"
}

start() {
    local jar share
    guest_needs
    jar=$(echo "$LUO_HOME"/../luo-*.jar)
    [[ -e $jar ]] || skip "no executable jar beside $LUO_HOME"
    share=$(guest_share)
    cp "$here/start/main.sh" "$share/main"
    cp "$jar" "$share/luo.jar"
    guest_cache
    guest_boot "$trip_patience" "$results/start.txt"
    cat "$results/start.txt"
}

guest() {
    (($#)) || die "guest needs a script"
    guest_needs
    cp "$1" "$(guest_share)/main"
    (($# == 1)) || cp -t "$(guest_share)" "${@:2}"
    guest_boot "$patience" "$results/guest.txt"
    cat "$results/guest.txt"
}

# Three devices, one of them behind a bridge, and an IOMMU; two that share a group, and one with virtual functions, which
# QEMU has since 7.1.
devices() {
    local share virtual=()
    guest_needs
    wants "${compiler[0]}"
    [[ -e $LUO_HOME/native/libluo-preload.so ]] || skip "no preload library in $LUO_HOME"
    share=$(guest_share)
    build -pthread -I"$root/preload/src/test/c" -o "$share/client" "$here/devices/client.c"
    build -o "$share/ask" "$here/devices/ask.c"
    cp "$here/devices/main.sh" "$share/main"
    [[ $(qemu-system-x86_64 -device nvme,help 2>/dev/null) != *sriov_max_vfs* ]] ||
        virtual=(-device pcie-root-port,id=other,slot=2 -device nvme-subsys,id=store -device
            nvme,bus=other,subsys=store,serial=luo,sriov_max_vfs=1,sriov_vq_flexible=2,sriov_vi_flexible=1)
    guest_boot 480 "$results/devices.txt" intel_iommu=on vfio_pci.enable_sriov=1 -- -machine q35 \
        -device intel-iommu,intremap=on,caching-mode=on -device edu -device edu \
        -device pcie-root-port,id=bridge,slot=1 -device edu,bus=bridge \
        -device edu,addr=10.0,multifunction=on -device edu,addr=10.1 ${virtual[@]+"${virtual[@]}"}
    cat "$results/devices.txt"
}

table() {
    cat "$here/differences-head.md"
    awk -F'\t' 'NR > 1 { print "| `" $1 "` | `" $2 "` | `" $3 "` | " ($4 == why ? "″" : $4) " |"; why = $4 }' "$known"
}

clean_up() {
    [[ ! ${platform:-} ]] || stop_platform
    guest_kill
    rm -rf "$work"
}

LUO_HOME=${LUO_HOME:-$root/features/target/luo}
mkdir -p "$results"
work=$(mktemp -d /tmp/luo-vm.XXXXXX)
trap clean_up EXIT
trap 'exit 1' TERM INT HUP
case ${1:-} in
    differential) kernel; ours ;;
    kernel) kernel "${2:-}" ;;
    ours) ours ;;
    table) table ;;
    kexec) kexec ;;
    door) door ;;
    devices) devices ;;
    start) start ;;
    systemd) systemd ;;
    guest) guest "${@:2}" ;;
    *) sed -n 's/^# \{0,1\}//; 4,13p' "${BASH_SOURCE[0]}" >&2; exit 1 ;;
esac
