#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build-kernel.sh OUTPUT   builds a kernel for the tests in a virtual machine: Debian's linux-source-7.2 with kernel.config
#                          on top of tinyconfig. Takes 2 GB of disk in TMPDIR and, on two processors, 10 minutes
#
# The source is LINUX_SOURCE, a linux-source-*.tar.xz, if that is set, or /usr/src/linux-source-7.2.tar.xz if it is there,
# or else the package from Debian unstable, fetched by apt-get into a directory of this script's; nothing is installed.
# Then: LUO_TEST_KERNEL=OUTPUT itests/vm/run.sh kexec
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
readonly here package=linux-source-7.2

die() { echo "build-kernel.sh: $*" >&2; exit 1; }

(($# == 1)) || { sed -n 's/^# \{0,1\}//; 4,9p' "${BASH_SOURCE[0]}" >&2; exit 2; }
output=$(readlink -m "$1")
missing=()
for tool in gcc make flex bison bc xz tar perl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[[ -e /usr/include/libelf.h || -e /usr/include/gelf.h ]] || missing+=(libelf-dev)
((${#missing[@]} == 0)) || die "missing: ${missing[*]}; on Debian: apt-get install build-essential flex bison bc xz-utils libelf-dev"

work=$(mktemp -d "${TMPDIR:-/tmp}/luo-kernel.XXXXXX")
trap 'rm -rf "$work"' EXIT

# An apt of its own: Debian's stable releases don't have the package, and the system's sources are not to be changed.
fetch() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg options
    command -v apt-get >/dev/null || die "no apt-get here: set LINUX_SOURCE to a linux-source-7.2.tar.xz"
    [[ -e $keyring ]] || die "no $keyring: install debian-archive-keyring, or set LINUX_SOURCE"
    mkdir -p "$work"/apt/{lists/partial,archives/partial}
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian unstable main" >"$work/apt/sources.list"
    options=(-qq -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o "Dir::Etc::sourceparts=/nonexistent"
        -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o APT::Sandbox::User=root)
    (cd "$work" && apt-get "${options[@]}" update && apt-get "${options[@]}" download "$package") >&2 ||
        die "could not fetch $package"
    dpkg-deb -x "$work/$package"_*.deb "$work/package"
    echo "$work/package/usr/src/$package.tar.xz"
}

source=${LINUX_SOURCE:-/usr/src/$package.tar.xz}
[[ -e $source ]] || { [[ ! ${LINUX_SOURCE:-} ]] || die "LINUX_SOURCE: no such file: $source"; source=$(fetch); }
echo "build-kernel.sh: unpacking $source" >&2
mkdir "$work/linux"
tar -xf "$source" -C "$work/linux" --strip-components=1
cd "$work/linux"
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
