# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Who uses the memory: the parts that collect.awk gathers after the files, as parts.py and the modules beside it do. Walks
# first; the files that hold kernel locks last. The limits in capitals are put before it, from the same modules.
# Records: R part fields (a row), T part name number (a sum), A cache alias, X part errors|ms|cut|skipped text.

function gather_parts(    wanted, number, part, i, name) {
    number = split(ENVIRON["WANTS"], wanted, " ")
    for (i = 1; i <= number; i++) {
        split(wanted[i], part, "=")
        wants[part[1]] = part[2]
    }
    number = split("numa cgroups processes allocinfo slab vmalloc", wanted, " ")
    for (i = 1; i <= number; i++) {
        name = wanted[i]
        if (!(name in wants)) note(name, "skipped", "not_asked")
        else if (wants[name] == "needed" && !needed(name)) note(name, "skipped", "not_needed")
        else if (clock() > end) note(name, "errors", "deadline")
        else gather(name)
        fflush()
    }
}

# Whether there is something to attribute.
function needed(name) {
    if (name == "slab") return memory["Slab:"] >= larger(262144, memory["MemTotal:"] * 0.05)
    if (name == "processes") return threads >= 5000 || memory["PageTables:"] >= larger(262144, memory["MemTotal:"] * 0.01)
    return 1
}
function larger(one, other) { return one > other ? one : other }

function gather(name,    start) {
    start = clock()
    if (name == "slab") slab()
    else if (name == "vmalloc") vmalloc()
    else if (name == "processes") processes(start + WALK)
    else if (name == "cgroups") cgroups(start + WALK)
    else if (name == "numa") numa()
    else allocinfo()
    note(name, "ms", whole((clock() - start) * 1000))
}

function note(part, about, text) { print "X\t" part "\t" about "\t" text }
function sum(part, name, number) { print "T\t" part "\t" name "\t" whole(number) }

function number_in(word) { return word ~ /^[0-9]+$/ && length(word) <= 18 }
# Rows of the largest by value, then by name.
function rank(list, most, value, name, row,    i) {
    if (ranked[list] >= most && !before(value, name, rank_value[list, most], rank_name[list, most])) return
    i = ranked[list] < most ? ++ranked[list] : most
    for (; i > 1 && before(value, name, rank_value[list, i - 1], rank_name[list, i - 1]); i--) {
        rank_value[list, i] = rank_value[list, i - 1]
        rank_name[list, i] = rank_name[list, i - 1]
        rank_row[list, i] = rank_row[list, i - 1]
    }
    rank_value[list, i] = value
    rank_name[list, i] = name
    rank_row[list, i] = row
}
function before(value, name, other, other_name) {
    if (value + 0 != other + 0) return value + 0 > other + 0
    return (name "") < (other_name "")
}
function show(list, part,    i) { for (i = 1; i <= ranked[list]; i++) print "R\t" part "\t" rank_row[list, i] }

# How to run a command until a moment, where the host has timeout.
function until(moment,    left) {
    left = int(moment - clock()) + 1
    return ENVIRON["LIMIT"] == "" ? "" : "timeout " (left > 1 ? left : 1) " "
}
function quoted(text,    piece, number, i, result) {
    number = split(text, piece, quote)
    result = quote piece[1]
    for (i = 2; i <= number; i++) result = result quote "\\" quote quote piece[i]
    return result quote
}

# A file line by line: open_file(PATH), then next_line() until 0; the line is in text. The reader puts a line end and its status
# after the file, so a last line without an end shows; it may have been cut short, and is given as BROKEN.
function open_file(name) {
    file = quoted(name)
    reader = "if [ ! -e " file " ]; then echo !ENOENT; elif [ ! -f " file " ]; then echo !EINVAL; elif [ ! -r " file " ]; then echo !EACCES; "\
        "else " until(end) "head -c " LONGEST_FILE " " file "; printf " quote "\\n!%s\\n" quote " $?; fi"
    status = ""; lines_read = 0; bytes_read = 0; ahead = ""; started = 0
}
function next_line(    was_started) {
    while ((reader | getline line_after) > 0) {
        if (line_after ~ /^![A-Z0-9]+$/) {
            status = substr(line_after, 2)
            if (started && ahead != "") { ahead = ""; text = BROKEN; return 1 }
            continue
        }
        lines_read++
        bytes_read += length(line_after) + 1
        if (lines_read % 256 == 0 && clock() > end) { status = 124; break }
        was_started = started; started = 1
        text = ahead; ahead = line_after
        if (was_started) return 1
    }
    close(reader)
    return 0
}
# Note how the reading of a file ended. Returns whether there is a part.
function ended(part, name, rows) {
    if (status ~ /^[A-Z]/) { note(part, "errors", status); return 0 }
    if (status == "" || stopped(status) || bytes_read > LONGEST_FILE) {
        note(part, rows ? "cut" : "errors", bytes_read > LONGEST_FILE ? "limit" : "deadline")
        return rows > 0
    }
    if (status + 0 > 0 && lines_read <= 1) {
        text = why(name)
        note(part, "errors", text == "" ? "EIO" : text)
        return 0
    }
    return 1
}

function slab(    name, row, sums, bad_lines, caches, all) {
    name = ENVIRON["PROC"] "/slabinfo"
    open_file(name)
    while (next_line()) {
        if (text ~ /^#/ || text ~ /^slabinfo - version:/ || text ~ /^[ \t]*$/) continue
        row = cache_of(text)
        if (row == "") { bad_lines++; continue }
        caches++
        all += cache_pages
        rank("slab", TOP_SLAB, cache_pages, cache_name, row)
    }
    if (!ended("slab", name, ranked["slab"])) return
    show("slab", "slab")
    sum("slab", "caches", caches); sum("slab", "pages", all); sum("slab", "bad_lines", bad_lines)
    aliases()
}
# A name may hold spaces and parentheses, so the figures are taken from the right.
function cache_of(line,    at, head, field, number, slab_field, i, row) {
    at = index(line, " : tunables")
    if (length(line) > LONGEST || at == 0) return ""
    head = substr(line, 1, at - 1)
    line = substr(line, at)
    at = index(line, " : slabdata")
    number = split(head, field, " ")
    if (at == 0 || number < 6 || split(substr(line, at + 11), slab_field, " ") < 3) return ""
    for (i = 1; i <= 3; i++) if (!number_in(slab_field[i])) return ""
    for (i = number - 4; i <= number; i++) {
        if (!number_in(field[i])) return ""
        row = row "\t" field[i]
        sub(/[ \t]+[^ \t]+[ \t]*$/, "", head)
    }
    sub(/^[ \t]+/, "", head)
    cache_name = substr(clean(head), 1, NAME_SLAB)
    cache_pages = field[number] * slab_field[2]
    return cache_name row "\t" slab_field[2]
}
# Links of /sys/kernel/slab with one target are one merged cache. ls -l gives name and target after eight words.
function aliases(    command, line, at, i, number, is_row, target, link, wanted) {
    for (i = 1; i <= ranked["slab"]; i++) is_row[rank_name["slab", i]] = 1
    command = until(end) "ls -ln " quoted(ENVIRON["SYS"] "/kernel/slab/")
    while ((command | getline line) > 0) {
        at = index(line, " -> ")
        if (line !~ /^l/ || at == 0) continue
        number++
        target[number] = substr(line, at + 4)
        line = substr(line, 1, at - 1)
        for (i = 1; i <= 8; i++) sub(/^[^ ]+ +/, "", line)
        sub(/^.*\//, "", target[number])
        link[number] = substr(clean(line), 1, NAME_SLAB)
        target[number] = substr(clean(target[number]), 1, NAME_SLAB)
        if (link[number] in is_row || (target[number] !~ /^:/ && target[number] in is_row)) wanted[target[number]] = 1
    }
    close(command)
    for (i = 1; i <= number; i++) if (target[i] in wanted) print "A\t" link[i] "\t" target[i]
}

# Tokens are told by their form, since columns shift.
function vmalloc(    name, field, number, at, caller, held, mapping, i, good, first, all, mapped, stacks, jit, areas, bad_lines, callers, pages_of, areas_of, kinds) {
    name = ENVIRON["PROC"] "/vmallocinfo"
    open_file(name)
    while (next_line()) {
        number = split(text, field, " ")
        if (length(text) > LONGEST || number < 2 || field[1] !~ /^0x/ || !index(field[1], "-0x") || !number_in(field[2])) { bad_lines++; continue }
        caller = "unknown"; at = 3; held = 0; mapping = 0; good = 1
        if (number > 2 && !index(FLAGS_VMALLOC, " " field[3] " ") && !index(field[3], "=")) {
            caller = field[3]
            if (index(caller, "+0x")) caller = substr(caller, 1, index(caller, "+0x") - 1)
            at = 4
            if (number > 3 && field[4] ~ /^\[.*\]$/) { caller = caller " " field[4]; at = 5 }
        }
        for (i = at; i <= number; i++) {
            if (field[i] ~ /^pages=/) { held = substr(field[i], 7); if (!number_in(held)) { good = 0; break } }
            if (field[i] == "ioremap") mapping = 1
        }
        if (!good) { bad_lines++; continue }
        areas++
        all += held
        if (mapping) mapped += field[2]
        first = caller
        sub(/[ .].*$/, "", first)
        if (index(STACKS_VMALLOC, " " first " ")) stacks += held
        else if (index(JIT_VMALLOC, " " first " ")) jit += held
        if (!(caller in pages_of) && kinds >= CALLERS_VMALLOC) caller = "(others)"
        if (!(caller in pages_of)) kinds++
        pages_of[caller] += held
        areas_of[caller]++
    }
    for (caller in pages_of) {
        first = substr(clean(caller), 1, NAME_VMALLOC)
        rank("vmalloc", TOP_VMALLOC, pages_of[caller], first, first "\t" whole(pages_of[caller]) "\t" areas_of[caller])
    }
    if (!ended("vmalloc", name, ranked["vmalloc"])) return
    show("vmalloc", "vmalloc")
    sum("vmalloc", "pages", all); sum("vmalloc", "ioremap_bytes", mapped); sum("vmalloc", "stack_pages", stacks); sum("vmalloc", "jit_pages", jit)
    sum("vmalloc", "areas", areas); sum("vmalloc", "bad_lines", bad_lines)
}

function allocinfo(    name, field, site, sites, all) {
    name = ENVIRON["PROC"] "/allocinfo"
    open_file(name)
    while (next_line()) {
        if (length(text) > LONGEST || split(text, field, " ") < 3 || !number_in(field[1]) || !number_in(field[2])) continue
        site = text
        sub(/^[ \t]*[0-9]+[ \t]+[0-9]+[ \t]+/, "", site)
        sub(/[ \t]+$/, "", site)
        site = substr(clean(site), 1, SITE_ALLOC)
        sites++
        all += field[1]
        rank("allocinfo", TOP_ALLOC, field[1], site, site "\t" field[1] "\t" field[2])
    }
    if (!ended("allocinfo", name, ranked["allocinfo"])) return
    show("allocinfo", "allocinfo")
    sum("allocinfo", "sites", sites); sum("allocinfo", "bytes", all)
}

# One grep for all nodes; a node without a readable meminfo spoils the part.
function numa(    command, line, at, node, row, field, error, nodes) {
    command = "cd " quoted(ENVIRON["SYS"] "/devices/system/node") " || { echo !ENOENT; exit; }; set --; for d in node[0-9]*; do n=${d#node}; "\
        "case $n in *[!0-9]*) continue ;; esac; f=$d/meminfo; if [ ! -e $f ]; then echo !ENOENT; elif [ ! -f $f ]; then echo !EINVAL; "\
        "elif [ ! -r $f ]; then echo !EACCES; else echo !$n; set -- \"$@\" $f; fi; done; [ $# = 0 ] || " until(end) "grep -saHE "\
        quote "^Node +[0-9]+ +(" FIELDS_NUMA ")" quote " \"$@\"; r=$?; [ $r -lt 124 ] || echo !LATE"
    while ((command | getline line) > 0) {
        if (line ~ /^!/) {
            line = substr(line, 2)
            if (line !~ /^[0-9]+$/) error = line; else if (nodes < NODES_NUMA) { row[line + 0] = ""; nodes++ }
            continue
        }
        at = index(line, "/meminfo:")
        node = substr(line, 5, at - 5) + 0
        if (split(substr(line, at + 9), field, " ") == 5 && field[5] == "kB" && number_in(field[4]) && (node in row))
            row[node] = row[node] "\t" field[3] field[4]
    }
    close(command)
    if (error == "LATE") { note("numa", "errors", "deadline"); return }
    if (error != "") { note("numa", "errors", error); return }
    for (node in row) print "R\tnuma\t" node row[node]
    sum("numa", "nodes", nodes)
}

# One grep over all processes: awk would stop at the first that is gone. The command of collect.sh lists them.
function processes(moment,    command, line, at, pid, name, size, number, alive, done, tried, all_tables, all_threads, count, i) {
    command = "cd " quoted(ENVIRON["PROC"] "/") " && { set -- [0-9]*; [ -e $1 ] || shift; echo =$#; if [ -n \"$LIVE\" ]; then printf " quote "%s/status\\n" quote " \"$@\"; "\
        "else for p; do case $p in *[!0-9]*) ;; *) [ ! -f $p/status ] || echo $p/status ;; esac; done; fi | " until(moment) \
        "xargs -n 1000 grep -saHE " quote "^(Name|VmPTE|Threads):" quote " /dev/null; }"
    while ((command | getline line) > 0) {
        if (line ~ /^=/) { tried = substr(line, 2); continue }
        at = index(line, "/status:")
        number = substr(line, 1, at - 1)
        line = substr(line, at + 8)
        if (number != pid) {
            pid = number; name = ""; size = 0; done = line !~ /^Name:/
            if (++count % 64 == 0 && clock() > moment) { alive = "deadline"; break }
        }
        if (done) continue
        if (line ~ /^Name:/) { if (name == "") { name = substr(line, 6); gsub(/^[ \t]+|[ \t]+$/, "", name) }; continue }
        split(line, field, " ")
        if (line ~ /^VmPTE:/) { size = field[2]; sub(/kB.*$/, "", size); if (!number_in(size)) done = 1; continue }
        done = 1
        if (!number_in(field[2])) continue
        people++
        all_tables += size
        all_threads += field[2]
        name = substr(clean(name), 1, COMM_PROCESSES)
        at = sprintf("%18s", pid)
        if (size > 0) rank("page_tables", TOP_PROCESSES, size, at, pid "\t" name "\t" size)
        rank("threads", TOP_PROCESSES, field[2], at, pid "\t" name "\t" field[2])
    }
    close(command)
    if (alive == "" && clock() > moment) alive = "deadline"
    if (alive != "") note("processes", people ? "cut" : "errors", alive)
    if (alive != "" && !people) return
    command = "cd " quoted(ENVIRON["PROC"] "/") " && for p in"
    for (i = 1; i <= TOP_PROCESSES; i++) command = command " " (rank_name["page_tables", i] + 0) " " (rank_name["threads", i] + 0)
    command = command "; do [ ! -f $p/cgroup ] || " until(end) "grep -saH " quote quote " $p/cgroup; done"
    while ((command | getline line) > 0) {
        at = index(line, "/cgroup:")
        group_of(substr(line, 1, at - 1), substr(line, at + 8))
    }
    close(command)
    for (i = 1; i <= ranked["page_tables"]; i++) print "R\tpage_tables\t" rank_row["page_tables", i] "\t" tail(group[rank_name["page_tables", i] + 0], CGROUP_PROCESSES)
    for (i = 1; i <= ranked["threads"]; i++) print "R\tthreads\t" rank_row["threads", i] "\t" tail(group[rank_name["threads", i] + 0], CGROUP_PROCESSES)
    sum("processes", "seen", people); sum("processes", "page_tables_kib", all_tables); sum("processes", "threads_seen", all_threads)
    sum("processes", "unread", tried > people ? tried - people : 0)
}
# The memory cgroup in a line ID:CONTROLLERS:PATH; of several, the first for memory, else the first of version 2.
function group_of(pid, line,    at, id, names) {
    at = index(line, ":"); id = substr(line, 1, at - 1); line = substr(line, at + 1)
    at = index(line, ":"); names = substr(line, 1, at - 1); line = substr(line, at + 1)
    if (at == 0) return
    if (index("," names ",", ",memory,") && !(pid in for_memory)) { group[pid] = line; for_memory[pid] = 1 }
    else if (id == "0" && names == "" && !(pid in group)) group[pid] = line
}
function tail(line, most) { line = clean(line); return length(line) > most ? substr(line, length(line) - most + 1) : line }

# Two levels, one grep each; below the top come the children of the biggest first, since the number of reads is limited.
function cgroups(moment,    version, top, command, line, i, dying, cut, most) {
    top = ENVIRON["SYS"] "/fs/cgroup"
    command = "cd " quoted(top) " && { [ ! -e cgroup.controllers ] || echo 2; } && grep -sa nr_dying_descendants cgroup.stat"
    version = 1
    while ((command | getline line) > 0) if (line == "2") version = 2; else if (line ~ /^nr_dying_descendants [0-9]+$/) dying = substr(line, 22)
    close(command)
    if (version == 1) top = top "/memory"
    reads = 0
    cut = level(top, version, ".", "level1", moment)
    if (cut ~ /^E/) { note("cgroups", "errors", cut); return }
    line = ""
    for (i = 1; i <= ranked["level1"]; i++) line = line " " quoted("./" substr(rank_name["level1", i], 2))
    if (line != "" && cut == "") cut = level(top, version, line, "level2", moment)
    if (cut != "" || (reads && !groups_seen)) note("cgroups", groups_seen ? "cut" : "errors", cut == "" ? "ENOENT" : cut)
    if (!groups_seen && (cut != "" || reads)) return
    show("cgroups", "cgroups")
    sum("cgroups", "version", version); sum("cgroups", "seen", groups_seen)
    if (version == 2 && dying != "") sum("cgroups", "dying", dying)
}
function level(top, version, parents, list, moment,    command, line, at, name, field, cut, file, pattern) {
    file = version == 2 ? "memory.stat" : "memory.kmem.usage_in_bytes"
    pattern = version == 2 ? "^(" COUNTERS_CGROUP ") [0-9]+$" : "^[0-9]+$"
    command = "cd " quoted(top) " || { [ -e " quoted(top) " ] && echo !EACCES || echo !ENOENT; exit; }; n=" reads "; set --; for p in " parents "; do for d in \"$p\"/*/; do "\
        "d=${d%/}; [ -d \"$d\" ] && [ ! -h \"$d\" ] || continue; case ${d##*/} in *.slice | *.scope | *.service) ;; " FILES_CGROUP ") continue ;; esac; "\
        "case $d in *\"\n\"*) continue ;; esac; [ $n -lt " READS_CGROUP " ] || { echo !limit; break 2; }; n=$((n + 1)); "\
        "[ ! -f \"$d/" file "\" ] || set -- \"$@\" \"$d/" file "\"; done; done; echo =$n; [ $# = 0 ] || " until(moment) "grep -saHE " quote pattern quote " \"$@\"; "\
        "r=$?; [ $r -lt 124 ] || echo !deadline"
    name = ""; cut = ""
    while ((command | getline line) > 0) {
        if (line ~ /^!/) { if (cut == "") cut = substr(line, 2); continue }
        if (line ~ /^=/) { reads = substr(line, 2) + 0; continue }
        at = index(line, "/" file ":")
        if (at == 0) continue
        if (substr(line, 1, at - 1) != name) {
            group_ends(list, name)
            name = substr(line, 1, at - 1)
            group_total = 0; group_kernel = ""; group_row = ""
        }
        line = substr(line, at + length(file) + 2)
        if (version == 1) line = "kernel " line
        split(line, field, " ")
        if (!number_in(field[2]) || index(group_row "\t", "\t" field[1] "=")) continue
        group_row = group_row "\t" field[1] "=" field[2]
        group_total += field[2]
        if (field[1] == "kernel") group_kernel = field[2]
    }
    close(command)
    group_ends(list, name)
    return cut
}
function group_ends(list, name,    path, size) {
    if (name == "" || group_row == "") return
    groups_seen++
    name = substr(name, 2)
    path = tail(name, PATH_CGROUP)
    size = group_kernel == "" ? group_total : group_kernel
    rank(list, READS_CGROUP, size, name, "")
    rank("cgroups", TOP_CGROUP, size, path, path group_row)
}
