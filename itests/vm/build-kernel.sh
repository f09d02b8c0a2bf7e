#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build-kernel.sh OUTPUT   builds a kernel for the tests in a virtual machine: Debian's kernel source, Linux 6.19 or newer,
#                          with kernel.config on top of tinyconfig. Takes 2 GB of disk in TMPDIR, and 10 minutes on two
#                          processors
#
# The source is LINUX_SOURCE, a tar file or a directory, if that is set; or the newest /usr/src/linux-source-*.tar.xz; or the
# newest package linux-source-* of Debian unstable, fetched by apt-get into a directory of this script's. Debian's stable
# releases have older ones only. Nothing is installed. With CONFIGURE_ONLY=1 the output is the configuration.
# Then: LUO_TEST_KERNEL=OUTPUT itests/vm/run.sh kexec
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
readonly here oldest=6.19 suite=unstable

die() { echo "build-kernel.sh: $*" >&2; exit 1; }

(($# == 1)) || { sed -n 's/^# \{0,1\}//; 4,11p' "${BASH_SOURCE[0]}" >&2; exit 2; }
output=$(readlink -m "$1")
missing=()
for tool in gcc make flex bison bc xz tar perl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[[ -e /usr/include/libelf.h || -e /usr/include/gelf.h ]] || missing+=(libelf-dev)
((${#missing[@]} == 0)) || die "missing: ${missing[*]}; on Debian: apt-get install build-essential flex bison bc xz-utils libelf-dev"

work=$(mktemp -d "${TMPDIR:-/tmp}/luo-kernel.XXXXXX")
trap 'rm -rf "$work"' EXIT

# newest PREFIX SUFFIX: the highest version of the lines PREFIXVERSIONSUFFIX that is new enough
newest() {
    sed -n "s,^$1\\([0-9]*\\.[0-9]*\\)$2\$,\\1,p" | { cat; echo $oldest; } | sort -Vr | sed "/^$oldest\$/q" | head -n 1
}

# An apt of its own: the system's sources are not to be changed.
fetch() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg remedy options package
    remedy="set LINUX_SOURCE to a kernel source, $oldest or newer"
    command -v apt-get >/dev/null || die "no apt-get here: $remedy"
    [[ -e $keyring ]] || die "no $keyring: install debian-archive-keyring, or $remedy"
    mkdir -p "$work"/apt/{lists/partial,archives/partial}
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian $suite main" >"$work/apt/sources.list"
    options=(-qq -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o "Dir::Etc::sourceparts=/nonexistent"
        -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" -o APT::Update::Error-Mode=any update >&2 || die "could not list the packages of Debian $suite: $remedy"
    package=$(apt-cache "${options[@]}" pkgnames linux-source- | newest linux-source- '')
    package=linux-source-$package
    (cd "$work" && apt-get "${options[@]}" download "$package") >&2 ||
        die "could not fetch $package, looked for as the newest in Debian $suite: $remedy"
    dpkg-deb -x "$work/$package"_*.deb "$work/package"
    echo "$work/package/usr/src/$package.tar.xz"
}

source=${LINUX_SOURCE:-/usr/src/linux-source-$(printf '%s\n' /usr/src/* | newest /usr/src/linux-source- .tar.xz).tar.xz}
[[ -e $source ]] || { [[ ! ${LINUX_SOURCE:-} ]] || die "LINUX_SOURCE: no such file: $source"; source=$(fetch); }
echo "build-kernel.sh: unpacking $source" >&2
mkdir "$work/linux"
if [[ -d $source ]]; then cp -a "$source/." "$work/linux"; else tar -xf "$source" -C "$work/linux" --strip-components=1; fi
cd "$work/linux"
[[ -e Makefile && -e Kconfig ]] || die "$source is no kernel source"
grep -qsx 'config LIVEUPDATE' kernel/liveupdate/Kconfig ||
    die "$source is Linux $(make -s kernelversion), and has no CONFIG_LIVEUPDATE: $oldest is the first that has it"
make -s tinyconfig
scripts/kconfig/merge_config.sh -m .config "$here/kernel.config" >/dev/null
make -s olddefconfig
# An option that depends on something that is not there vanishes without a word.
mapfile -t refused < <(grep '^CONFIG_.*=' "$here/kernel.config" | grep -vxFf .config)
((${#refused[@]} == 0)) || die "this source does not take ${refused[*]}"
[[ ! ${CONFIGURE_ONLY:-} ]] || { cp .config "$output"; exit; }
echo "build-kernel.sh: building, which takes a while" >&2
make -s -j"$(nproc)" bzImage
install -m 644 arch/x86/boot/bzImage "$output"
echo "build-kernel.sh: $output, Linux $(make -s kernelrelease)" >&2
