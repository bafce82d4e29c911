#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The reading of a host without Python. It only decides which files there are; grep brings their lines, and collect.awk
# reduces them. Its settings (NONCE, PROC, SYS, TOP, LIVE, DEADLINE, WANTS, FILES, EACH, MODULES, PLACES, BELOW, PROGRAM) are put before it.
# Nothing is written on the host; no here-documents, since some shells keep those in temporary files.
# All is in functions that the last line calls, so that half a program does nothing.

# The record that a file could not be read: say KEY ERRNO
say() {
    printf 'E\t%s\t%s\n' "$1" "$2"
}

# Where KEY is on this host goes to $path.
locate() {
    case $1 in
        proc/*) path=$PROC/${1#proc/} ;;
        sys/*) path=$SYS/${1#sys/} ;;
        *) path=$TOP/$1 ;;
    esac
}

# Whether $path is a regular file that can be read (a FIFO would hang). If not, say so, unless an absence is no surprise (MUST is 0).
readable() { # KEY MUST
    if [ ! -e "$path" ]; then
        [ "$2" = 0 ] || say "$1" ENOENT
    elif [ ! -f "$path" ]; then
        say "$1" EINVAL
    elif [ ! -r "$path" ]; then
        say "$1" EACCES
    elif [ -z "$LIVE" ] && [ "${1##*/}" != zoneinfo ] && [ "$(head -c 1048576 "$path" | wc -c)" -ge 1048576 ]; then
        say "$1" too_large
    else
        return 0
    fi
    return 1
}

# Who is asked, and when.
heading() {
    system=Linux release='' machine=''
    if [ -n "$LIVE" ]; then
        names=$(uname -s -r -m) # "Linux 6.1.0 x86_64"
        system=${names%% *} machine=${names##* }
        release=${names#* } release=${release%% *}
        printf 'H\tmachine\t%s\nH\tpage_size\t%s\nH\tcollected_at\t%s\n' "$machine" "$(getconf PAGESIZE)" "$(date +%s)"
    elif [ -f "$PROC/meminfo" ]; then
        printf 'H\tcollected_at\t%s\n' "$(date -r "$PROC/meminfo" +%s)"
    else
        system=''
    fi
    wanted=''
    for key in $WANTS; do wanted="$wanted ${key%=*}"; done
    printf 'H\tsubsets\t%s\n' "$wanted"
    printf 'H\tuid\t%s\nH\tsystem\t%s\nH\tlive\t%s\nH\tproc_root\t%s\n' "$(id -u)" "$system" "$LIVE" "$PROC"
}

# Signs of hypervisors and containers. modalias is cheaper than cpuinfo, which may interrupt every CPU.
signs() {
    line='' path=$SYS/devices/system/cpu/modalias
    if [ -f "$path" ] && [ -r "$path" ] && readable sys/devices/system/cpu/modalias 0; then IFS= read -r line <"$path"; fi
    case $line in
        *type:x86*) case $line in *,009F*) line='flags hypervisor ' ;; *) line=flags ;; esac ;;
        *)
            line='' path=$PROC/cpuinfo
            if [ -f "$path" ] && [ -r "$path" ]; then line=$(head -c 4096 "$path" | grep -a '^flags'); fi
            ;;
    esac
    [ -z "$line" ] || printf 'N\tcpu_flags\n'
    case "$line " in *' hypervisor '*) printf 'N\thypervisor_flag\n' ;; esac
    for key in $BELOW; do
        locate "$key"
        [ ! -e "$path" ] || printf 'N\tpath:%s\n' "$key"
    done
    for key in $PLACES; do
        [ ! -e "/$key" ] || printf 'N\tpath:%s\n' "$key"
    done
    if [ -h "$PROC/self/ns/pid" ]; then
        line=$(readlink "$PROC/self/ns/pid" || ls -l "$PROC/self/ns/pid")
        line=${line##*-> }
        case $line in *[!a-z0-9:\[\]]*) ;; *) printf 'L\tproc/self/ns/pid\t%.64s\n' "$line" ;; esac
    fi
    for path in "/boot/config-$release" "/lib/modules/$release/config"; do
        if [ -z "$LIVE" ] || [ ! -f "$path" ] || [ ! -r "$path" ]; then continue; fi
        case $(grep -m 1 -E '^(# )?CONFIG_VMAP_STACK[ =]' "$path") in
            CONFIG_VMAP_STACK=y) printf 'N\tconfig:VMAP_STACK=y\n' ;;
            '# CONFIG_VMAP_STACK is not set') printf 'N\tconfig:VMAP_STACK=n\n' ;;
            *) continue ;;
        esac
        break
    done
}

# Every line of the files, with its path before it, so that no content can pass for another file's.
lines() {
    if [ -n "$(command -v grep)" ]; then
        $LIMIT grep -Ha '' "$@"
        return
    fi
    for path; do
        while IFS= read -r line; do printf '%s:%s\n' "$path" "$line"; done <"$path"
    done
}

# Without awk: whole files of plain text; sums and parts are missing, and the controller drops the lines that nobody asked for.
plain() {
    while IFS= read -r line; do
        case $line in
            "Q$tab"*) break ;;
            "F$tab"*)
                line=${line#*"$tab"} key=${line%%"$tab"*} line=${line#*"$tab"} path=${line%%"$tab"*}
                case $key in sys/kernel/mm/* | proc/cmdline) continue ;; esac
                printf 'F\t%s\n' "$key"
                while IFS= read -r line; do
                    case $line in *[!\ -~]*) case $line in *[!\ -~"$tab"]*) line='?' ;; esac ;; esac
                    printf ' %s\n' "$line"
                done <"$path"
                ;;
        esac
    done
    say proc/zoneinfo ENOSYS
    printf 'K\n'
}

# The whole reading.
collect() {
    heading
    signs
    newline='
'
    tab=$(printf '\t') list='' IFS=$newline
    case $LIVE$machine in 1s390* | '') FILES="$FILES${newline}proc/sysinfo 0 VM00" ;; esac
    [ -f "$SYS/fs/cgroup/cgroup.stat" ] || FILES="$FILES${newline}sys/fs/cgroup/unified/cgroup.stat 0 nr_descendants nr_dying_descendants"
    for entry in $EACH; do
        locate "${entry%% *}"
        entry=${entry#* }
        for path in "$path/${entry%% *}"*"/${entry#* }"; do
            key=sys/${path#"$SYS/"}
            case $key in *[!a-zA-Z0-9/_.-]*) ;; *) FILES="$FILES$newline$key 0" ;; esac
        done
    done
    set --
    for entry in $FILES; do
        key=${entry%% *} entry=${entry#* }
        must=${entry%% *} words=${entry#"$must"}
        locate "$key"
        readable "$key" "$must" || continue
        list="${list}F$tab$key$tab$path$tab${words# }$newline"
        set -- "$@" "$path"
    done
    mounts=$PROC/self/mountinfo
    [ -f "$mounts" ] || mounts=$PROC/mounts
    for path in "$PROC/modules" "$mounts"; do
        if [ ! -f "$path" ] || [ ! -r "$path" ]; then continue; fi
        [ -n "$LIVE" ] || [ "$(head -c 1048576 "$path" | wc -c)" -lt 1048576 ] || continue
        list="${list}Q$tab${path##*/}$tab$path$newline"
        set -- "$@" "$path"
    done
    IFS=' '
    LIMIT=''
    if timeout 1 true; then LIMIT="timeout $DEADLINE"; fi
    awk='awk'
    [ -n "$(command -v awk)" ] || awk='busybox awk'
    path=$PROC/zoneinfo
    if ! $awk 'BEGIN { exit }'; then
        printf '%s' "$list" | plain
        return
    fi
    [ -z "$LIMIT" ] || awk="timeout $((DEADLINE + 2)) $awk"
    export PROC SYS LIVE LIMIT WANTS DEADLINE MODULES
    if readable proc/zoneinfo 1; then zoneinfo=$path; else zoneinfo=''; fi
    {
        printf '%s.\n' "$list"
        [ $# = 0 ] || lines "$@"
        printf '. %s\n' "$?"
        if [ -n "$zoneinfo" ]; then
            $LIMIT grep -ha -e ' count:' -e '^Node' "$zoneinfo"
            printf '. %s\n' "$?"
        fi
    } | $awk "$PROGRAM"
}

main() {
    # Some roots have no /dev/null, or a plain file in its place.
    if [ -c /dev/null ]; then exec 2>/dev/null; fi
    PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
    export PATH LC_ALL
    printf '\n<<%s\n' "$NONCE"
    IFS=' '
    collect
    printf '\n%s>>\n' "$NONCE"
}

main
