# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A virtual machine in which the platform runs: the kernel of LUO_TEST_KERNEL, a JDK and a few tools on a read-only
# disk, emulated by QEMU. Sourced by run.sh, which has die, skip, wants, and the directories $results and $work.
#
#   guest_needs             ends with 77 and the reason if something is missing here
#   guest_share             prints the directory that the guest finds as /share; put a script there, named main
#   guest_cache             makes /share/luo.aot, from which the platform starts faster
#   guest_with=NAME         from here on the disk has more: what guest_fill_NAME puts into its directory, made anew when
#                           what guest_tag_NAME prints has changed, or NAME/{disk,init}.sh
#   guest_boot SECONDS OUTPUT [KERNEL ARGUMENT]... [-- QEMU ARGUMENT...]
#                           boots, runs /share/main and switches off; what it prints is OUTPUT, what the kernel
#                           prints OUTPUT.console. Fails unless main ended with 0
#
# In the guest: /opt/java is the JDK, /opt/luo the distribution of LUO_HOME, /share and those two read-only; /tmp, /run
# and /dev/shm are memory. The disk is the root file system, so kexec needs the same command line and no initrd.
# Nothing of the machine outside is changed. The kernel is told not to check its timer, which fails where the emulator
# has to wait for a processor.

readonly guest_tools=(awk bash cat chmod cmp cp cut date dirname env flock grep head kill ln ls mkdir mkfifo mknod mount
    mv od readlink rm rmdir sed seq sh sleep sort stat stty tail tee timeout touch tr umount uname wc)

guest_needs() {
    wants qemu-system-x86_64
    wants mksquashfs
    [[ ${LUO_TEST_KERNEL:-} ]] || skip "LUO_TEST_KERNEL names no kernel with CONFIG_LIVEUPDATE"
    [[ -r $LUO_TEST_KERNEL ]] || skip "LUO_TEST_KERNEL: no such file: $LUO_TEST_KERNEL"
    [[ -d $LUO_HOME/bundles ]] || die "no distribution in $LUO_HOME: mvn -B -DskipTests package"
    guest_java >/dev/null
}

guest_share() {
    mkdir -p "$work/share"
    echo "$work/share"
}

# The JDK that the guest gets.
guest_java() {
    local home version
    for home in "${LUO_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null) || continue
        ((${version:-0} >= 25)) && readlink -f "$home" && return
    done
    skip "no JDK 25 in LUO_JAVA_HOME, JAVA_HOME or /usr/lib/jvm"
}

# What the platform starts faster from, as /share/luo.aot: the JVM takes it where the same JDK and jars lie elsewhere.
guest_cache() {
    LUO_JAVA_HOME=$(guest_java) "$LUO_HOME/luo" cache "$(guest_share)/luo.aot" >&2 || die "no cache for the guest"
}

# The shared libraries that files need, by the paths they are looked for.
guest_libraries() { { ldd "$@" 2>/dev/null || true; } | grep -o '/[^ ]*' | grep -v ':$' | sort -u; }

# The root file system's directory, filled.
guest_fill() {
    local tree=$1 java=$2 tool path
    mkdir -p "$tree"/{dev,etc,opt/luo,opt/java,proc,run,share,sys,tmp,usr/bin,usr/lib,usr/lib64}
    ln -s usr/bin usr/lib usr/lib64 "$tree"
    for tool in "${guest_tools[@]}"; do
        path=$(type -P "$tool") || skip "$tool is not there"
        cp -L "$path" "$tree/usr/bin/$tool"
    done
    (cd "$java" && cp -a bin conf lib release "$tree/opt/java" && rm -f "$tree/opt/java/lib/"{src.zip,ct.sym})
    guest_libraries "$tree"/usr/bin/* "$java/bin/java" "$java"/lib/lib{java,net,nio,zip}.so "$java/lib/server/libjvm.so" |
        xargs -I '{}' cp -L --parents '{}' "$tree"
    install -m 755 "$here/guest-init.sh" "$tree/init"
    [[ ! ${guest_with:-} ]] || "guest_fill_$guest_with" "$tree"
}

# Whether a disk is there and made of what it would be made of now.
guest_disk_fits() { # DISK JAVA TAG
    local source sources=("$2/release" "$here/guest.sh" "$here/guest-init.sh")
    [[ ! ${guest_with:-} ]] || sources+=("$here/$guest_with"/{disk,init}.sh)
    [[ $(cat "$1.tag" 2>/dev/null) == "$3" ]] || return
    for source in "${sources[@]}"; do [[ ! $1 -ot $source ]] || return; done
}

# Makes the disk, unless it is there and nothing it is made of is newer; prints its path.
guest_disk() {
    set -e # which is not inherited by the subshell that this runs in
    local java tag disk=$results/guest${guest_with:+-$guest_with}.squashfs tree=$work/disk.d
    java=$(guest_java)
    tag=$java${guest_with:+" $("guest_tag_$guest_with")"}
    guest_disk_fits "$disk" "$java" "$tag" || {
        guest_fill "$tree" "$java"
        mksquashfs "$tree" "$work/disk" -comp zstd -Xcompression-level 1 -all-root -noappend -quiet -no-progress >&2 ||
            die "could not make the disk"
        rm -rf "$tree"
        mv "$work/disk" "$disk"
        echo "$tag" >"$disk.tag"
    }
    echo "$disk"
}

# Ends the machine, if one is running.
guest_kill() {
    [[ ! ${guest_pid:-} ]] || kill "$guest_pid" 2>/dev/null || true
    guest_pid=
}

guest_boot() {
    local seconds=$1 output=$2 disk append=()
    shift 2
    while (($#)) && [[ $1 != -- ]]; do append+=("$1"); shift; done
    shift $(($# > 0))
    disk=$(guest_disk)
    : >"$output"
    timeout --kill-after=5 "$seconds" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 3G -smp 2 -nodefaults \
        -no-reboot -display none -kernel "$LUO_TEST_KERNEL" \
        -append "console=ttyS0 panic=-1 no_timer_check root=/dev/vda rootfstype=squashfs ro init=/init ${append[*]}" \
        -serial "file:$output.console" -serial "file:$output" \
        -drive "file=$disk,format=raw,if=virtio,readonly=on" \
        -fsdev "local,id=share,path=$(guest_share),security_model=none,readonly=on" \
        -device virtio-9p-pci,fsdev=share,mount_tag=share \
        -fsdev "local,id=luo,path=$(readlink -f "$LUO_HOME"),security_model=none,readonly=on" \
        -device virtio-9p-pci,fsdev=luo,mount_tag=luo \
        "$@" </dev/null &
    guest_pid=$!
    wait "$guest_pid" || die "the machine did not end well within $seconds s; see $output and $output.console"
    guest_pid=
    grep -qx '# main ended with 0' "$output" || {
        tail -n 30 "$output" >&2
        die "the guest failed; see $output and $output.console"
    }
}
