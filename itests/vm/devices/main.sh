#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What run.sh devices does in the virtual machine: a platform, programs with devices of VFIO (client.c), live updates while
# the devices work. Each line says what was tried, after how many seconds, and ends with "ok" or what was found instead.
# Ends with 1 if something was not as expected.

export LUO_DIR=/run/luo
trap '' PIPE # a program that is told something may have ended
readonly luo=/opt/luo/luo patience=200
failures=0

note() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# What matters of an answer.
gist() {
    local message
    case $1 in
        '{"result":'*) echo ok ;;
        '{"error":'*)
            message=${1#*'"message":"'}
            echo "refused, ${message%'"}'*}"
            ;;
        *) echo "$1" ;;
    esac
}

# verdict WHAT PATTERN FOUND
verdict() {
    # shellcheck disable=SC2053 # a pattern
    if [[ $3 == $2 ]]; then
        note "$1: $(gist "$3")"
    else
        note "$1: FAILED, expected $2: ${3:0:600}"
        ((++failures))
    fi
}

ask() { timeout "$patience" /share/ask "$LUO_DIR/admin.sock" "$@" 2>&1; }

# The value of a key in a line of JSON.
value() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"; }

# Why a handler does not take a file.
reason_of() { sed -n "s/.*\"$1\",[^}]*\"reason\":\"\([^\"]*\)\".*/\1/p"; }

# Devices of VFIO are numbered in the order in which they are bound: first those that are alone in their groups.
bind_devices() {
    local path
    for path in $(of_kind 0x1234 0x11e8 | grep -v :10) $(of_kind 0x1234 0x11e8 | grep :10) \
        $(of_kind 0x1b36 0x0010); do
        echo vfio-pci >"/sys/bus/pci/devices/$path/driver_override"
        echo "$path" >/sys/bus/pci/drivers_probe
        devices+=("$path")
    done
}

# of_kind VENDOR DEVICE: the addresses of such devices
of_kind() {
    local path
    for path in /sys/bus/pci/devices/*; do
        [[ $(<"$path/vendor") == "$1" && $(<"$path/device") == "$2" ]] && echo "${path##*/}"
    done
}

start_platform() {
    "$luo" run >/tmp/platform.log 2>&1 &
    for ((tenths = 0; tenths < 600; tenths++)); do
        [[ -S $LUO_DIR/liveupdate && $(ask status) == *'"ready":true'* ]] && return
        sleep 0.1
    done
    note "the platform does not start"
    cat /tmp/platform.log
    exit 1
}

# start NAME: a program whose steps are lines
start() {
    mkfifo "/tmp/$1.in" "/tmp/$1.out"
    "$luo" exec -- /share/client <"/tmp/$1.in" >"/tmp/$1.out" 2>&1 &
    pids[$1]=$!
    exec {input}>"/tmp/$1.in" {output}<"/tmp/$1.out"
    inputs[$1]=$input outputs[$1]=$output
}

tell() { echo "${*:2}" >&"${inputs[$1]}"; }

# hear NAME WHAT PATTERN
hear() {
    local line=
    read -rt "$patience" -u "${outputs[$1]}" line
    verdict "$1: $2" "$3" "$line"
}

# does NAME STEP [PATTERN]
does() {
    tell "$1" "$2"
    hear "$1" "$2" "${3:-ok}"
}

# end NAME [SIGNAL]
end() {
    [[ ! ${2:-} ]] || kill "-$2" "${pids[$1]}"
    exec {inputs[$1]}>&- {outputs[$1]}<&-
    wait "${pids[$1]}" 2>/dev/null
    rm "/tmp/$1.in" "/tmp/$1.out"
}

# sessions WHAT COUNT: the platform notices a moment later that a program has gone
sessions() {
    local found tries
    for ((tries = 0; tries < 100; tries++)); do
        found=$(ask status | value sessions)
        [[ $found == "$2" ]] && break
        sleep 0.1
    done
    verdict "sessions $1" "$2" "$found"
}

# reason NAME FILE WHAT PATTERN: why nobody takes a file that a program has open
reason() {
    local fd
    for fd in "/proc/${pids[$1]}/fd"/*; do
        [[ $(readlink "$fd") == "$2" ]] || continue
        verdict "$3" "$4" "$(ask check "{\"pid\":${pids[$1]},\"fd\":${fd##*/}}" | reason_of vfio-pci-p1)"
        return
    done
    verdict "$3" "an fd of $2" none
}

what_only_looks_like_a_device() {
    local group
    group=$(readlink "/sys/bus/pci/devices/${devices[2]}/iommu_group")
    group=/dev/vfio/${group##*/}
    mkdir -p /tmp/lookalikes
    mkfifo /tmp/lookalikes/vfio0
    touch /tmp/lookalikes/{iommu,vfio1,null}
    mount --bind /dev/zero /tmp/lookalikes/iommu
    mount --bind /dev/null /tmp/lookalikes/vfio1
    mount --bind /dev/vfio/devices/vfio2 /tmp/lookalikes/null
    start stranger
    does stranger 'session lookalikes'
    does stranger 'preserve /tmp/lookalikes/vfio0 1' 'no ENOENT'
    does stranger 'preserve /tmp/lookalikes/vfio1 2' 'no ENOENT'
    does stranger 'preserve /tmp/lookalikes/iommu 3' 'no ENOENT'
    does stranger 'preserve /dev/vfio/vfio 4' 'no ENOENT'
    does stranger "legacy $group ${devices[2]}"
    does stranger 'preserve vfio0 5' 'no ENOENT'
    does stranger 'preserve /tmp/lookalikes/null 6' 'no EINVAL'
    reason stranger /tmp/lookalikes/vfio0 'a FIFO called vfio0' '*not a character device*'
    reason stranger /tmp/lookalikes/vfio1 '/dev/null called vfio1' '*a character device, and none of VFIO*'
    reason stranger /dev/vfio/vfio 'a container' '*a VFIO container, of the legacy interface*'
    reason stranger "$group" 'a group' '*VFIO group ?*, of the legacy interface*'
    reason stranger 'anon_inode:[vfio-device]' 'a device opened through its group' \
        '*a VFIO device opened through its group, the legacy interface*'
    end stranger
    umount /tmp/lookalikes/{iommu,vfio1,null}
}

# refused NAME NUMBER WHAT PATTERN: a program that has a device of VFIO bound is told that it can't be preserved
refused() {
    start "$1"
    does "$1" "open 1 $2"
    does "$1" "session $1"
    does "$1" 'preserve vfio0 1' 'no ENOENT'
    reason "$1" "/dev/vfio/devices/vfio$2" "$3" "$4"
    end "$1"
}

what_cannot_be_kept() {
    local functions=/sys/bus/pci/devices/${devices[5]:-none}/sriov_numvfs
    refused sharer 3 'a device that shares its group' "*it is in group * with others: *${devices[3]}, ${devices[4]}*"
    echo many >/tmp/garbled
    mount --bind /tmp/garbled "/sys/bus/pci/devices/${devices[2]}/vendor"
    refused garbled 2 'a device whose vendor is garbled' "*${devices[2]}/vendor is not as the kernel writes it: 'many'*"
    umount "/sys/bus/pci/devices/${devices[2]}/vendor"
    if [[ ! ${devices[5]:-} ]]; then
        note 'a physical function: not shown, QEMU has none'
    elif [[ ! -e $functions ]]; then
        note 'a physical function: not shown, this kernel was built without CONFIG_PCI_IOV'
    else
        echo 1 >"$functions"
        refused physical 5 'a physical function' '*it is a physical function, and 1 virtual functions of it are enabled*'
        echo 0 >"$functions"
    fi
}

a_device_needs_its_iommufd() {
    does owner 'session vm'
    does owner 'preserve vfio0 1'
    does owner 'preserve vfio1 2'
    does owner 'preserve memory 3'
    verdict 'prepare without the iommufd' "*ENOENT*vm/0x1 needs the iommufd that VFIO device ${devices[0]}*vm/0x2 needs*" "$(ask prepare)"
    does owner 'preserve /dev/iommu 9'
    verdict 'prepare with another iommufd' "*ENOENT*needs the iommufd that VFIO device ${devices[0]}*" "$(ask prepare)"
    does owner 'preserve iommu 4'
    does owner 'preserve vfio0 5' 'no EBUSY'
    does owner 'preserve iommu 6' 'no EBUSY'
    verdict 'prepare with the iommufd' '{"result"*' "$(ask prepare)"
    verdict cancel '{"result"*' "$(ask cancel)"
}

# When it has everything and is about to say that it is well.
a_successor_dies_while_devices_work() {
    does owner 'start 2'
    verdict 'update to a successor that takes over and dies' '*status 137*' \
        "$(ask update '{"jvm":"-Dluo.handover.fault=healthy:kill","rehearsal":"20","timeout.boot":"150"}')"
    does owner stop 'ok [1-9]* and [1-9]* transfers*'
    does owner 'alive 2'
    sessions 'after the rollback' 1
}

# A program with the third device, preserved in a session of its own.
start_victim() {
    start victim
    does victim 'open 1 2'
    does victim 'session victim'
    does victim 'preserve iommu 1'
    does victim 'preserve vfio0 2'
}

programs_die() {
    local steps
    for steps in '' prepare 'prepare freeze'; do
        start_victim
        for step in $steps; do verdict "$step" '{"result"*' "$(ask "$step")"; done
        end victim KILL
        [[ ! $steps ]] || verdict cancel '{"result"*' "$(ask cancel)"
        sessions "once the victim was killed, after ${steps:-nothing}" 1
    done
}

a_device_is_taken_away() {
    start_victim
    echo "${devices[2]}" >/sys/bus/pci/drivers/vfio-pci/unbind & # waits until nobody has it open
    local unbinding=$!
    for ((tries = 0; tries < 100; tries++)); do
        [[ -e /dev/vfio/devices/vfio2 ]] || break
        sleep 0.1
    done
    verdict 'prepare' '{"result"*' "$(ask prepare)"
    verdict 'freeze of a device that was unbound' \
        "*freeze VFIO device ${devices[2]}*it was unbound from its driver, or has been removed*ENODEV*" "$(ask freeze)"
    sessions 'with the one whose device was unbound' 2
    end victim KILL
    wait "$unbinding"
    sessions 'without it' 1
    echo "${devices[2]}" >/sys/bus/pci/drivers_probe
}

the_platform_is_updated_while_devices_work() {
    local report
    start_victim
    does owner 'start 2'
    tell owner watch
    ask update '{"rehearsal":"20","timeout.boot":"150"}' >/tmp/report &
    local updating=$!
    sleep 3
    end victim KILL
    note 'the victim was killed while the successor started'
    wait "$updating"
    report=$(</tmp/report)
    verdict update '{"result"*"files":5[,}]*' "$report"
    hear owner watch 'ok in flight when the successor took over: *yes*'
    note "blackout $(value blackout_ms <<<"$report") ms, process $(value predecessor_pid <<<"$report") to" \
        "$(value successor_pid <<<"$report"), $(value files <<<"$report") files"
    does owner stop 'ok [1-9]* and [1-9]* transfers*'
    does owner 'leave 171' # and is gone, with DMA under way that only the platform's fds keep alive
    end owner
}

another_program_takes_over() {
    start heir
    does heir 'incoming vm'
    does heir 'retrieve vfio0 1'
    does heir 'retrieve vfio1 2'
    does heir 'retrieve memory 3'
    does heir 'retrieve iommu 4'
    does heir 'resume 2'
    does heir 'landed 171'
    does heir 'alive 2'
    does heir 'dma 2'
    does heir remap
    does heir finish
    sessions 'once the heir has finished' 1
    does heir close
    end heir
    sessions 'in the end' 0
}

SECONDS=0
declare -A pids inputs outputs
devices=()
bind_devices
note "Linux $(uname -r), devices ${devices[*]}"
start_platform
note "platform up, process $(ask status | value pid)"
what_only_looks_like_a_device
what_cannot_be_kept
start owner
does owner 'open 2'
a_device_needs_its_iommufd
a_successor_dies_while_devices_work
programs_die
a_device_is_taken_away
the_platform_is_updated_while_devices_work
another_program_takes_over
"$luo" stop --force >/dev/null 2>&1
((failures)) && cat /tmp/platform.log
note "$failures failures"
((failures == 0))
