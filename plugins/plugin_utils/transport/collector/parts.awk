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
    number = split("numa cgroups limits processes descriptors allocinfo slab vmalloc", wanted, " ")
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
    else if (name == "limits") limits()
    else if (name == "descriptors") descriptors(start + WALK)
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

function slab(    name, row, sums, bad_lines, caches, all, zfs) {
    name = ENVIRON["PROC"] "/slabinfo"
    open_file(name)
    while (next_line()) {
        if (text ~ /^#/ || text ~ /^slabinfo - version:/ || text ~ /^[ \t]*$/) continue
        row = cache_of(text)
        if (row == "") { bad_lines++; continue }
        caches++
        all += cache_pages
        if (cache_name ~ "^(" ZFS_SLAB ")") zfs += cache_pages
        rank("slab", TOP_SLAB, cache_pages, cache_name, row)
    }
    if (!ended("slab", name, ranked["slab"])) return
    show("slab", "slab")
    sum("slab", "caches", caches); sum("slab", "pages", all); sum("slab", "zfs_pages", zfs); sum("slab", "bad_lines", bad_lines)
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

# Numbers of objects that processes have the kernel keep.
function limits(    list, number, i, part, name, number_of, most, command, line) {
    number = split(TABLES_COUNTS, list, ";")
    for (i = 1; i <= number; i++) {
        split(list[i], part, " ")
        table(part[1], ENVIRON["PROC"] substr(part[2], 5), part[3], part[4] (part[5] == "" ? "" : " " part[5]))
    }
    open_file(ENVIRON["PROC"] "/self/mountinfo")
    number = 0
    while (next_line()) number++
    if (status !~ /^[A-Z]/) sum("limits", "mounts", number); else print "T\tlimits\ttried\t1"
    command = "cd " quoted(ENVIRON["SYS"] "/fs/cgroup/") " && grep -saH " quote quote " $(for d in " SLICES_COUNTS "; do for f in current max; do "\
        "[ ! -f $d/pids.$f ] || echo $d/pids.$f; done; done) /dev/null"
    while ((command | getline line) > 0) {
        name = substr(line, 1, index(line, "/") - 1)
        if (line ~ /\/pids.current:[0-9]+$/) number_of[name] = substr(line, index(line, ":") + 1)
        if (line ~ /\/pids.max:[0-9]+$/) most[name] = substr(line, index(line, ":") + 1)
    }
    close(command)
    number = split(SLICES_COUNTS, list, " ")
    for (i = 1; i <= number; i++) if (list[i] in number_of) print "R\tpids\t" list[i] "\t" number_of[list[i]] "\t" most[list[i]]
}
# Rows, sums and the owner of most of one table; the first line names its columns.
function table(name, file, owner, columns,    column, number, header, place, field, i, rows, good, unattached, total, of, owners, best) {
    number = split(columns, column, " ")
    open_file(file)
    while (next_line()) {
        split(text, field, " ")
        if (!header) {
            header = 1
            for (i = 1; i in field; i++) place[field[i]] = i
        }
        good = (owner in place) && number_in(field[place[owner]])
        for (i = 1; i <= number; i++) if (!(column[i] in place) || !number_in(field[place[column[i]]])) good = 0
        if (!good) continue
        rows++
        for (i = 1; i <= number; i++) total[i] += field[place[column[i]]]
        if (("nattch" in place) && field[place["nattch"]] == "0") unattached += field[place[column[1]]]
        i = field[place[owner]]
        if (!(i in of)) { if (owners >= OWNERS_COUNTS) continue; owners++ }
        of[i] += field[place[column[1]]] + 1
    }
    if (status ~ /^[A-Z]/) return
    sum("limits", name ".rows", rows); sum("limits", name ".unattached", unattached)
    if (!rows) return
    for (i = 1; i <= number; i++) sum("limits", name "." column[i], total[i])
    best = ""
    for (i in of) if (best == "" || of[i] > of[best] || (of[i] == of[best] && i + 0 < best + 0)) best = i
    if (best != "") sum("limits", name ".owner", best)
}

# The names of all descriptors, which ls shows after an arrow. A process whose links are all without one shows that it has
# descriptors, and not what they are: it counts as unread.
function descriptors(moment,    shown, hidden, command, line, at, pid, name, kind, count, pipes, pipe, packet, comm, people, unread, late_by, i) {
    open_file(ENVIRON["PROC"] "/net/packet")
    while (next_line()) { sub(/^.* /, "", text); packet[text] = 1 }
    command = "cd " quoted(ENVIRON["PROC"] "/") " && for p in [0-9]*; do [ ! -f $p/comm ] || echo $p/comm; done | " until(moment) "xargs -n 1000 grep -saH " quote quote " /dev/null"
    while ((command | getline line) > 0) {
        at = index(line, "/comm:")
        comm[substr(line, 1, at - 1)] = substr(clean(substr(line, at + 6)), 1, COMM_PROCESSES)
    }
    close(command)
    command = "cd " quoted(ENVIRON["PROC"] "/") " && { set --; n=0; for p in [0-9]*; do if [ -r $p/fd ]; then set -- \"$@\" $p/fd; "\
        "elif [ -d $p/fd ]; then n=$((n + 1)); fi; done; echo =$n; [ $# = 0 ] || printf " quote "%s\\n" quote " \"$@\" | " until(moment) "xargs -n 500 ls -ln /dev/null; }"
    while ((command | getline line) > 0) {
        if (line ~ /^=/) { unread = substr(line, 2) + 0; continue }
        if (line ~ /^[0-9]+\/fd:$/) {
            if (hidden && !shown) { people--; unread++ }
            shown = hidden = 0
            pid = substr(line, 1, length(line) - 4)
            if (pid in comm) people++
            if (clock() > moment) { late_by = "deadline"; break }
            continue
        }
        at = index(line, " -> ")
        if (line !~ /^l/ || !(pid in comm)) continue
        if (at == 0) { hidden++; continue }
        shown++
        name = substr(line, at + 4)
        kind = kind_of(name, packet)
        if (!index(KINDS_DESCRIPTORS, " " kind " ")) continue
        count[comm[pid] "\t" kind]++
        if (kind == "pipe" && !(name in pipe)) { pipe[name] = 1; pipes++ }
    }
    close(command)
    if (hidden && !shown) { people--; unread++ }
    if (late_by != "") note("descriptors", people ? "cut" : "errors", late_by)
    if (late_by != "" && !people) return
    if (!people && !unread) { note("descriptors", "errors", "ENOENT"); return }
    for (i in count) rank("descriptors", TOP_DESCRIPTORS, count[i], i, i "\t" count[i])
    show("descriptors", "descriptors")
    sum("descriptors", "pipes", pipes); sum("descriptors", "seen", people); sum("descriptors", "unread", unread)
}
function kind_of(name, packet) {
    if (name ~ /^socket:\[/) return (substr(name, 9, length(name) - 9) in packet) ? "packet" : "socket"
    if (name ~ /^anon_inode:/) { name = substr(name, 12); gsub(/^\[+|\]+$/, "", name); return name }
    if (name ~ /^\/memfd:/) return "memfd"
    if (name ~ /^\/dmabuf:/) return "dmabuf"
    return index(name, ":") ? substr(name, 1, index(name, ":") - 1) : name
}

# One grep over all processes: awk would stop at the first that is gone. The command of collect.sh lists them.
function every(file, moment) {
    return "cd " quoted(ENVIRON["PROC"] "/") " && { set -- [0-9]*; [ -e $1 ] || shift; echo =$#; if [ -n \"$LIVE\" ]; then printf " quote "%s/" file "\\n" quote " \"$@\"; "\
        "else for p; do case $p in *[!0-9]*) ;; *) [ ! -f $p/" file " ] || echo $p/" file " ;; esac; done; fi | " until(moment) "xargs -n 1000 "
}
function processes(moment,    command, line, at, pid, name, size, pinned, number, alive, done, tried, all_tables, all_threads, all_pinned, count, i, tables, people_of) {
    command = every("status", moment) "grep -saHE " quote "^(Name|VmPTE|VmPin|Threads):" quote " /dev/null; }"
    while ((command | getline line) > 0) {
        if (line ~ /^=/) { tried = substr(line, 2); continue }
        at = index(line, "/status:")
        number = substr(line, 1, at - 1)
        line = substr(line, at + 8)
        if (number != pid) {
            pid = number; name = ""; size = 0; pinned = 0; done = line !~ /^Name:/
            if (++count % 64 == 0 && clock() > moment) { alive = "deadline"; break }
        }
        if (done) continue
        if (line ~ /^Name:/) { if (name == "") { name = substr(line, 6); gsub(/^[ \t]+|[ \t]+$/, "", name) }; continue }
        split(line, field, " ")
        if (line ~ /^Vm/) {
            at = field[2]
            sub(/kB.*$/, "", at)
            if (!number_in(at)) done = 1
            else if (line ~ /^VmPTE:/) size = at; else pinned = at
            continue
        }
        done = 1
        if (!number_in(field[2])) continue
        people++
        all_tables += size; all_threads += field[2]; all_pinned += pinned
        name = substr(clean(name), 1, COMM_PROCESSES)
        add("command", name, size, field[2], pinned)
        if (size > 0) { tables[pid] = size; people_of[pid] = field[2] "\t" pinned }
        at = sprintf("%18s", pid)
        if (size > 0) rank("page_tables", TOP_PROCESSES, size, at, pid "\t" name "\t" size)
        if (pinned > 0) rank("pinned", TOP_PROCESSES, pinned, at, pid "\t" name "\t" pinned)
        if (field[2] > 0) rank("threads", TOP_PROCESSES, field[2], at, pid "\t" name "\t" field[2])
    }
    close(command)
    if (alive == "" && clock() > moment) alive = "deadline"
    if (alive != "") note("processes", people ? "cut" : "errors", alive)
    if (alive != "" && !people) return
    command = every("cgroup", moment) "grep -saH " quote quote " /dev/null; }"
    while ((command | getline line) > 0) {
        at = index(line, "/cgroup:")
        pid = substr(line, 1, at - 1)
        if (pid in tables) group_of(pid, substr(line, at + 8))
    }
    close(command)
    for (pid in tables) {
        if (!(pid in group)) continue
        split(people_of[pid], field, "\t")
        line = tail(group[pid], CGROUP_PROCESSES)
        if (line != "") add("group", line, tables[pid], field[1], field[2])
    }
    number = split("page_tables threads pinned", field, " ")
    for (at = 1; at <= number; at++)
        for (i = 1; i <= ranked[field[at]]; i++) {
            pid = rank_name[field[at], i] + 0
            print "R\t" field[at] "\t" rank_row[field[at], i] "\t" ((pid in group) ? tail(group[pid], CGROUP_PROCESSES) : "")
        }
    sums_of("command", "commands"); sums_of("group", "groups")
    sum("processes", "seen", people); sum("processes", "page_tables_kib", all_tables); sum("processes", "threads_seen", all_threads)
    sum("processes", "pinned_kib", all_pinned); sum("processes", "unread", tried > people ? tried - people : 0)
}
# Sums by name, and the rows of those with most page tables and of those with most threads.
function add(kind, name, size, number, pinned) {
    if (!((kind, name) in sum_number)) {
        if (names_of[kind] >= NAMES_PROCESSES) name = "(others)"
        if (!((kind, name) in sum_number)) { names_of[kind]++; name_of[kind, names_of[kind]] = name }
    }
    sum_number[kind, name]++
    sum_tables[kind, name] += size; sum_threads[kind, name] += number; sum_pinned[kind, name] += pinned
}
function sums_of(kind, part,    i, name, list, shown) {
    for (i = 1; i <= names_of[kind]; i++) {
        name = name_of[kind, i]
        rank(kind "1", TOP_PROCESSES, sum_tables[kind, name], name, "")
        rank(kind "2", TOP_PROCESSES, sum_threads[kind, name], name, "")
    }
    for (list = 1; list <= 2; list++)
        for (i = 1; i <= ranked[kind list]; i++) {
            name = rank_name[kind list, i]
            if (name in shown) continue
            shown[name] = 1
            print "R\t" part "\t" name "\t" sum_number[kind, name] "\t" whole(sum_tables[kind, name]) "\t" whole(sum_threads[kind, name]) "\t" whole(sum_pinned[kind, name])
        }
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
function cgroups(moment,    version, top, command, line, i, dying, living, cut, most, at, within) {
    top = ENVIRON["SYS"] "/fs/cgroup"
    command = "cd " quoted(top) " && { [ ! -e cgroup.controllers ] || echo 2; } && grep -saE " quote "^nr_(dying_)?descendants " quote " cgroup.stat"
    version = 1
    while ((command | getline line) > 0) if (line == "2") version = 2; else if (line ~ /^nr_dying_descendants [0-9]+$/) dying = substr(line, 22); else if (line ~ /^nr_descendants [0-9]+$/) living = substr(line, 16)
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
    if (living >= MANY_CGROUP) {
        command = "cd " quoted(top) " && grep -saHE " quote "^nr_descendants " quote
        for (i = 1; i <= ranked["cgroups"]; i++) command = command " " quoted("." rank_path[rank_name["cgroups", i]] "/cgroup.stat")
        command = command " /dev/null"
        while ((command | getline line) > 0) {
            at = index(line, "/cgroup.stat:nr_descendants ")
            if (at) within[substr(line, 2, at - 2)] = substr(line, at + 28)
        }
        close(command)
        for (i = 1; i <= ranked["cgroups"]; i++) {
            line = rank_path[rank_name["cgroups", i]]
            if (number_in(within[line])) rank_row["cgroups", i] = rank_row["cgroups", i] "\tnr_descendants=" within[line]
        }
    }
    show("cgroups", "cgroups")
    if (living != "") sum("cgroups", "living", living)
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
    rank_path[path] = name
    rank("cgroups", TOP_CGROUP, size, path, path group_row)
}
