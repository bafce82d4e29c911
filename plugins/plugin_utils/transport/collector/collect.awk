# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reduces what collect.sh has found to records, one a line (shell_records.py). Its input: one line a file
# (F or Q, key, path, words), a dot, the files' lines with their paths before them, a dot with grep's exit code, and the
# same of zoneinfo. No apostrophe may stand in here: it is quoted by a shell. No file is read by getline but uptime,
# since mawk dies at the first read that fails (a process that is gone); cat and grep survive.

BEGIN {
    FS = "\n"
    quote = sprintf("%c", 39); BROKEN = "?"
    live = ENVIRON["LIVE"] != ""
    began = clock(); end = began + ENVIRON["DEADLINE"]
    for (i = 1; i < 128; i++) ordinal[sprintf("%c", i)] = i
}

# Files listed by collect.sh.
stage == 0 && $0 == "." { stage = 1; current = 1; next }
stage == 0 {
    split($0, field, "\t")
    files++
    kind[files] = field[1]; key[files] = field[2]; path[files] = field[3] ":"; words[files] = field[4]
    next
}
stage == 1 && /^\. / { finish_files(substr($0, 3)); stage = 2; next }
stage == 1 {
    for (at = current; at <= files; at++)
        if (substr($0, 1, length(path[at])) == path[at]) break
    if (at > files) next
    current = at
    take(at, substr($0, length(path[at]) + 1))
    next
}
# Free pages on the lists of the CPUs.
stage == 2 && /^\. / { finish_zoneinfo(substr($0, 3)); stage = 3; next }
stage == 2 {
    zone_lines++
    zone_size += length($0)
    start = index($0, " count:")
    if (start == 0) next
    split(substr($0, start + 7), field, " ")
    if (field[1] ~ /^[0-9]+$/) pages += field[1]; else zone_bad = 1
}

END {
    for (at = 1; at in modules; at++) found("module:" modules[at])
    if (has_modules) print "M\t" whole(loaded) "\t" whole(mark)
    for (at = 1; at in outside; at++) if (++outside_shown <= OUTSIDE) print "O\t" outside[at]
    for (at = 1; at in unsigned; at++) if (++outside_shown <= OUTSIDE) print "O\t" unsigned[at]
    if (mount != "") found(mount)
    if (deadline_hit) exit
    fflush()
    gather_parts()
    print "H\tduration_ms\t" whole((clock() - began) * 1000)
    print "Z"
}

# ---- small helpers

# A text in ASCII without control characters; where tabs are not fields, they stay.
function clean(text) { if (text ~ /[^ -~]/) gsub(/[^ -~]/, "?", text); return text }
function clean_line(text) { if (text ~ /[^ -~\t]/) gsub(/[^ -~\t]/, "?", text); return text }
function whole(number) { return sprintf("%.0f", number) }
function found(sign) { print "N\t" sign }
function bad(name, error) { print "E\t" name "\t" error }
# An exit code that means stopped by timeout or by a signal.
function stopped(code) { return code + 0 == 124 || code + 0 >= 128 }
function late(name) { print "C\t" name; bad(name, "deadline") }

# Seconds of a clock that does not jump; without /proc (a chroot) the seconds of the day will do.
function clock(    line, part) {
    if (live && (getline line < "/proc/uptime") > 0) {
        close("/proc/uptime")
        split(line, part, " ")
        return part[1] + 0
    }
    srand()
    return srand()
}

# Why nothing came from a file: an errno name, or nothing where it is empty.
function why(name,    command, line) {
    command = ENVIRON["LIMIT"] " cat " quoted(name) " 2>&1"
    command | getline line
    close(command)
    return errno_of(line)
}
function errno_of(line) {
    if (line == "") return ""
    if (line ~ /ermission denied/) return "EACCES"
    if (line ~ /not permitted/) return "EPERM"
    if (line ~ /No such file/) return "ENOENT"
    if (line ~ /ot supported/) return "EOPNOTSUPP"
    if (line ~ /nvalid argument/) return "EINVAL"
    if (line ~ /No such device/) return "ENODEV"
    return "EIO"
}

# ---- small files

function take(at, line,    field, i, name) {
    if (kind[at] == "Q") { glance(key[at], line); return }
    size[at] += length(line) + 1
    if (!(at in seen)) {
        seen[at] = 1
        if (key[at] ~ /^sys\/kernel\/mm\/hugepages/ && no_huge_pages) kind[at] = "Q"
        if (kind[at] == "Q") return
        print "F\t" key[at]
    }
    if (key[at] == "proc/meminfo") {
        if (split(line, field, " ") > 1) memory[field[1]] = field[2]
        if (field[1] == "Hugetlb:" && field[2] == "0") no_huge_pages = 1
    } else if (key[at] == "proc/loadavg" && split(line, field, " ") > 3) {
        threads = substr(field[4], index(field[4], "/") + 1) + 0
    }
    if (words[at] != "") {
        if (split(line, field, " ") == 0 || index(" " words[at] " ", " " field[1] " ") == 0) return
    }
    if (key[at] == "proc/cmdline") line = without_secrets(line)
    kept[at] += length(line) + 1
    if (kept[at] <= KEPT) print " " clean_line(line)
}

# Boot parameters; of one that looks like a secret its name alone.
function without_secrets(line,    word, number, sign, signs, i, j) {
    number = split(substr(line, 1, 4096), word, " ")
    signs = split(SECRETS, sign, " ")
    line = ""
    for (i = 1; i <= number; i++) {
        for (j = 1; j <= signs; j++)
            if (index(tolower(word[i]), sign[j])) { word[i] = substr(word[i], 1, index(word[i], "=")) "..."; break }
        line = line (i > 1 ? " " : "") word[i]
    }
    return line
}

# Files of which only a sign is kept.
function glance(name, line,    field, i, wanted, number) {
    if (name == "modules") {
        has_modules = 1
        split(line, field, " ")
        if (field[1] == "") return
        number = split(ENVIRON["MODULES"], wanted, " ")
        for (i = 1; i <= number; i++) if (wanted[i] == field[1]) modules[++module_number] = field[1]
        load(field[1], split(line, field, " "), field)
    } else if (name ~ /^mount/ && index(line, "/proc/meminfo ")) {
        if (index(line, "lxcfs")) mount = "lxcfs_meminfo"
        else if (mount == "" && live) mount = "mounted_meminfo"
    }
}

# Number and fingerprint of the modules, and those from outside of the kernel sources, as reader.py works them out.
function load(name, number, field,    i, value, row) {
    for (i = 1; i <= length(name); i++) value = (value * 256 + ordinal[substr(name, i, 1)]) % PRIME
    loaded++
    mark = (mark + (value % PRIME_LEFT) * (value % PRIME_RIGHT)) % PRIME
    row = field[number]
    if (row !~ /^\(.*[POE]/) return
    row = substr(clean(name), 1, 64) "\t" substr(row, 1, 64) "\t" field[2]
    if (field[number] ~ /[PO]/) outside[++outside_number] = row; else unsigned[++unsigned_number] = row
}

function finish_files(code,    at, last, error) {
    deadline_hit = stopped(code)
    for (at = 1; at <= files; at++) if (at in seen) last = at
    for (at = 1; at <= files; at++) {
        if (kind[at] == "Q") continue
        if (deadline_hit && (at == last || !(at in seen))) late(key[at])
        else if (kept[at] > KEPT || size[at] >= SCANNED) bad(key[at], "too_large")
        else if (!(at in seen)) {
            error = why(substr(path[at], 1, length(path[at]) - 1))
            if (error != "") bad(key[at], error); else print "F\t" key[at]
        }
    }
}

function finish_zoneinfo(code) {
    if (stopped(code)) { late("proc/zoneinfo"); deadline_hit = 1 }
    else if (zone_lines == 0 || zone_bad) bad("proc/zoneinfo", code + 0 > 1 ? "EIO" : "EINVAL")
    else if (zone_size >= ZONEINFO) bad("proc/zoneinfo", "too_large")
    else print "S\tpcp_pages\t" whole(pages)
}
