# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of which the kernel allows only so many: what they are called, and what happens at their limit.

Each has a name in ``limits`` of the facts (``module_utils/account/limits.py``). What stops the whole host at its limit
is critical near it; what stops a part of its work is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..dimensions.dimension import Words
from ..model.quick import quickly_made
from ..model.subject import Subject

FULL_PERCENT = 80
USED_UP_PERCENT = 98
OF_A_GROUP = "threads of "
"""How the name of a limit begins that a control group has of its own."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """Objects of which the kernel allows only so many."""

    name: str
    """In evidence, and in the facts where ``known_as`` says nothing else."""
    label: str
    words: Words
    stops_all: bool = False
    """Whether the whole host can't work at the limit."""
    unit: str = "count"
    known_as: str = ""
    held: str = ""
    """The fields of the part ``objects`` that have the number and the limit where the facts do not list them."""
    allowed: str = ""
    columns: tuple[str, str] | None = None
    """The columns of a series that keep the number and the limit."""
    estimated: bool = False
    """Whether the number is the part of it that could be seen, so that it is information only."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Count:
    """How many objects a host has, and how many it may have."""

    bounded: Bounded
    held: int
    allowed: int
    of: str = ""
    """The control group that has the limit; empty for the host's."""


BOUNDED = (
    Bounded(
        "conntrack",
        "Tracked connections",
        Words(
            "The number of tracked connections",
            "At the limit new connections are dropped: find who opens them, then raise nf_conntrack_max or exempt that "
            "traffic.",
            "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; sudo conntrack -S | head",
        ),
        stops_all=True,
        held="conntrack",
        allowed="conntrack_limit",
        columns=("conntrack", "conntrack_limit"),
    ),
    Bounded(
        "files",
        "Open files",
        Words(
            "The number of open files",
            "At the limit no program can open a file: find the one that never closes its files.",
            "sudo sh -c 'for p in /proc/[0-9]*; do echo $(ls $p/fd | wc -l) $p $(cat $p/comm); done' 2>/dev/null | "
            "sort -rn | head",
        ),
        stops_all=True,
        held="files",
        allowed="files_limit",
        columns=("files", "files_limit"),
    ),
    Bounded(
        "tcp",
        "TCP buffers",
        Words(
            "Memory of TCP buffers",
            "At the limit the kernel drops packets: find connections whose queues are never read.",
            "ss -tm | grep -o 'r[0-9]*,rb[0-9]*' | sort -t r -k2 -rn | head; cat /proc/net/sockstat",
        ),
        unit="bytes",
        known_as="tcp_memory",
        held="tcp_bytes",
        allowed="tcp_limit_bytes",
    ),
    Bounded(
        "udp_memory",
        "UDP buffers",
        Words(
            "Memory of UDP buffers",
            "At the limit the kernel drops packets: find the sockets that nobody reads, or raise net.ipv4.udp_mem.",
            "ss -uamp | sort -t: -k2 | head -40; sysctl net.ipv4.udp_mem; cat /proc/net/sockstat",
        ),
        unit="bytes",
    ),
    Bounded(
        "bpf_jit",
        "Compiled BPF programs",
        Words(
            "Memory of compiled BPF programs",
            "At the limit no program that needs a seccomp or packet filter can start: find who loads filters and does "
            "not remove them, or raise net.core.bpf_jit_limit.",
            "sysctl net.core.bpf_jit_limit; sudo grep bpf_jit /proc/vmallocinfo | wc -l; sudo bpftool prog show | tail",
        ),
        unit="bytes",
    ),
    Bounded(
        "threads",
        "Threads",
        Words(
            "The number of threads, of which the kernel allows only so many,",
            "At the limit no program can start another one: find the one that starts threads and never ends them, or "
            "raise kernel.pid_max and kernel.threads-max.",
            "ps -eLf --no-headers | awk '{print $2}' | sort | uniq -c | sort -rn | head; sysctl kernel.pid_max "
            "kernel.threads-max",
        ),
        stops_all=True,
        columns=("threads", "threads_limit"),
    ),
    Bounded(
        "group_threads",
        "Threads of a control group",
        Words(
            "The number of threads of a control group",
            "At the limit nothing in the group can start a thread: find the one that starts threads and never ends "
            "them, or raise TasksMax of the unit, or pids.max.",
            "find /sys/fs/cgroup -name pids.current -exec grep -H . {} + | sort -t: -k2 -rn | head",
        ),
        known_as=OF_A_GROUP,
    ),
    Bounded(
        "keys",
        "Keys of a user",
        Words(
            "The number of keys of one user",
            "At the limit the user gets no key, and mounts, containers and logins that need one fail: find who adds "
            "keys and never revokes them, or raise kernel.keys.maxkeys.",
            "cat /proc/key-users; sudo awk '{print $6, $8}' /proc/keys | sort | uniq -c | sort -rn | head; "
            "sysctl kernel.keys",
        ),
    ),
    Bounded(
        "key_bytes",
        "Memory of a user's keys",
        Words(
            "Memory of the keys of one user",
            "At the limit the user gets no key, and mounts, containers and logins that need one fail: find who adds "
            "keys and never revokes them, or raise kernel.keys.maxbytes.",
            "cat /proc/key-users; sysctl kernel.keys",
        ),
        unit="bytes",
    ),
    Bounded(
        "inotify_instances",
        "Inotify instances",
        Words(
            "The number of inotify instances of one command",
            "At the limit of its user no program of that user can watch files (tail -f, kubelet, systemd): find the "
            "one that opens them, or raise fs.inotify.max_user_instances.",
            "sudo find /proc/[0-9]*/fd -lname 'anon_inode:inotify' 2>/dev/null | cut -d/ -f3 | sort | uniq -c | sort "
            "-rn | head; sysctl fs.inotify",
        ),
        estimated=True,
    ),
    Bounded(
        "mounts",
        "Mounts",
        Words(
            "The number of mounts",
            "At the limit nothing more can be mounted: find who mounts and never unmounts, or raise fs.mount-max.",
            "wc -l /proc/self/mountinfo; sysctl fs.mount-max",
        ),
    ),
    Bounded(
        "message_queues",
        "System V message queues",
        Words(
            "The number of System V message queues",
            "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.msgmni.",
            "ipcs -q -p | head -20; sysctl kernel.msgmni",
        ),
    ),
    Bounded(
        "shared_segments",
        "System V shared memory",
        Words(
            "The number of System V shared memory segments",
            "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.shmmni.",
            "ipcs -m -p | head -20; sysctl kernel.shmmni",
        ),
    ),
    Bounded(
        "semaphore_arrays",
        "System V semaphores",
        Words(
            "The number of System V semaphore arrays",
            "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.sem.",
            "ipcs -s | head -20; sysctl kernel.sem",
        ),
    ),
)
BY_NAME = {one.known_as or one.name: one for one in BOUNDED}


def counts_of(subject: Subject, *, with_threads: bool = True) -> Iterator[Count]:
    """Give every number that a host said together with its limit; threads only *with_threads*."""
    known = set()
    for limit in subject.facts.limits if subject.facts else ():
        name = limit.name or ""
        of = name[len(OF_A_GROUP) :] if name.startswith(OF_A_GROUP) else ""
        bounded = BY_NAME.get(OF_A_GROUP if of else name)
        if bounded and limit.value and limit.limit and (with_threads or bounded.name != "threads"):
            known.add(bounded.name)
            yield Count(bounded, limit.value, limit.limit, of)
    objects, sample = subject.attribution.objects, subject.sample
    for bounded in BOUNDED:
        if bounded.name in known or (bounded.name == "threads" and not with_threads):
            continue
        held, allowed = bounded.columns or ("", "")
        number, most = getattr(sample, held, None), getattr(sample, allowed, None)
        if objects is not None and bounded.held and not (number and most):
            number, most = getattr(objects, bounded.held), getattr(objects, bounded.allowed)
        if number and most:
            yield Count(bounded, number, most)
