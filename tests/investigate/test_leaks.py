# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real leaks on this machine's own kernel are named: by function and process with a trace, by object and process
without, and as far as a plain user can see.

What must be named is worked out from what the kernel tells of each kind, not from what this collection knows of it:
there is no table of leaks in it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.answer import Answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import ask_all
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.culprit import Culprit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.asking_here import QUICK, Everybody, ask_here, leak
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

MIB = 1 << 20
LEAKER = "leaker"
# As the product has them, and traced in any case, so that every kind's function is seen.
FULL = Settings(busy=False, trace=True, trace_always=True, trace_load=1000)
SETTINGS = FULL if IS_NIGHT else replace(QUICK, trace_always=True)


@dataclass(frozen=True)
class Leak:
    """One kind: how fast, a function that must be in the traced stack (any of several, since compilers inline), what
    root sees of it without a trace, and what a plain user sees. None: it can't be named there. ``slow`` is the rate for
    an investigation of full length, where a quota or a number of descriptors would end the leak before.
    """

    kind: str
    functions: tuple[str, ...]
    untraced: str | None
    plain: str | None
    rate: float = 3 * MIB
    slow: float | None = None
    process_untraced: bool = True
    process_plain: bool = True


LEAKS = (
    Leak("messages", ("do_msgsnd", "load_msg", "ksys_msgsnd"), "System V messages", "System V messages"),
    # The quota of keys tells the user; which process it is only a trace tells.
    Leak("keys", ("user_preparse", "key_create_or_update"), "keys", "keys", 2 * MIB, 0.4 * MIB, False, False),
    # Unix sockets tell no length of their queues, and a socket is far smaller than what waits in it.
    Leak("unix_datagrams", ("unix_dgram_sendmsg", "__alloc_skb"), "socket (unix)", "descriptors"),
    Leak("netlink_messages", ("__alloc_skb", "netlink_dump", "netlink_alloc_large_skb"), "netlink", "descriptors"),
    Leak(
        "event_descriptors",
        ("alloc_empty_file", "do_eventfd", "__do_sys_eventfd2"),
        "eventfd",
        "descriptors",
        0.3 * MIB,
        0.2 * MIB,
    ),
    Leak("empty_pipes", ("create_pipe_files", "alloc_pipe_info", "do_pipe2"), "pipe", "descriptors", MIB, 0.5 * MIB),
    Leak("full_pipes", ("pipe_write", "anon_pipe_write"), "pipe", "descriptors"),
    Leak(
        "unix_sockets",
        ("unix_create1", "sk_prot_alloc", "__sys_socketpair"),
        "socket (unix)",
        "descriptors",
        1.5 * MIB,
        MIB,
    ),
    # One descriptor holds all watches, so no number grows that is anybody's.
    Leak("watches", ("inotify_update_watch", "inotify_new_watch"), None, None, MIB / 4),
    Leak("threads", ("task_newtask", "copy_process", "kernel_clone", "dup_task_struct"), "threads", "threads"),
    Leak("page_tables", ("pte_alloc_one", "__pte_alloc", "do_anonymous_page"), "page tables", "page tables"),
    Leak("page_tables_of_many", ("pte_alloc_one", "__pte_alloc", "do_fault"), "processes", "processes", 4 * MIB),
    Leak("bpf_arrays", ("array_map_alloc", "bpf_map_area_alloc"), "bpf-map", "descriptors"),
    Leak("bpf_per_cpu_arrays", ("array_map_alloc", "bpf_map_alloc_percpu"), "bpf-map", "descriptors"),
    Leak("packet_rings", ("packet_set_ring", "alloc_pg_vec"), "socket (packet)", "descriptors", 4 * MIB),
    Leak("perf_buffers", ("perf_mmap_alloc_page", "rb_alloc"), "perf_event", "descriptors", 4 * MIB),
    Leak(
        "tcp_queues",
        ("tcp_sendmsg_locked", "__alloc_skb", "tcp_stream_alloc_skb"),
        "tcp queues",
        "tcp queues",
        process_plain=False,
    ),
    Leak("negative_dentries", ("d_alloc", "d_alloc_parallel", "__d_alloc"), None, None),
    Leak("zombies", ("copy_process", "kernel_clone", "dup_task_struct"), "ended children", "ended children"),
)
# These are in no list of anybody; a trace names them all the same.
OTHERS = (
    Leak("timers", ("do_timer_create",), None, None, 3 * MIB, MIB),
    Leak("rings_of_io_uring", ("io_uring_setup", "io_create_region"), "io_uring", "descriptors", 4 * MIB),
    Leak("network_namespaces", ("setup_net", "ops_init", "copy_net_ns"), "net", "descriptors", 6 * MIB),
    Leak("mounts", ("get_tree_nodev", "alloc_super", "vfs_get_tree", "fc_mount", "path_mount"), None, None),
    Leak("record_locks", ("fcntl_setlk", "posix_lock_inode", "locks_alloc_lock"), None, None, MIB / 4),
)
# Each once in the ordinary step would be more than its three minutes: these have a part of every question.
ORDINARY = (
    "messages keys unix_datagrams event_descriptors full_pipes unix_sockets watches threads page_tables_of_many"
    " bpf_arrays packet_rings perf_buffers netlink_messages timers"
).split()
CHOSEN = [one for one in (*LEAKS, *OTHERS) if IS_NIGHT or one.kind in ORDINARY]


def is_leaker(culprit: Culprit, pid: int) -> bool:
    """Whether a culprit is the process that leaks, or the many that it started."""
    who = culprit.process
    return who is not None and (who.pid == pid or (who.pid is None and who.command == LEAKER))


def named(answer: Answer, pid: int) -> list[Culprit]:
    """The culprits that are the leaking process."""
    return [one for one in answer.culprits if is_leaker(one, pid)]


def sees(answer: Answer, pid: int, what: str | None, *, process: bool) -> bool:
    """Whether an answer names what it can."""
    if what is None:
        return not [one for one in answer.culprits if one.process and one.confidence in ("high", "medium")]
    known = named(answer, pid) if process else answer.culprits
    return any(what in (one.what or "") for one in known)


@pytest.mark.parametrize("one", CHOSEN, ids=lambda one: one.kind)
def test_a_leak_is_named(one: Leak, tracefs: Path) -> None:
    """The whole of an investigation: a wrong name would send somebody to the wrong team, no name costs a week."""
    # Names that are not there are remembered by file systems on disks.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAK_FOLDER", folder)
        with leak(one.kind, one.slow or one.rate if IS_NIGHT else one.rate) as pid:
            said = Everybody(SETTINGS)
    told = "\n".join(answer_text(asked.answer) for asked in (said.traced, said.untraced, said.plain))
    found = named(said.traced.answer, pid)
    functions = {name for culprit in found for name in culprit.stack}
    assert any(name.startswith(one.functions) for name in functions), f"{functions}\n{told}\n{said.traced.readings}"
    assert any(culprit.confidence in ("high", "medium") for culprit in found), told
    assert sees(said.untraced.answer, pid, one.untraced, process=one.process_untraced), told
    assert sees(said.plain.answer, pid, one.plain, process=one.process_plain), told
    assert said.plain.readings["look"]["tracing"]["reason"] == "not_root"


@contextmanager
def noise(folder: str) -> Iterator[None]:
    """A compiler and a copy of files, again and again."""
    program = (
        "import compileall, shutil, sys\n"
        "while True:\n"
        "    shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)\n"
        "    compileall.compile_dir(sys.argv[2], quiet=2, force=True)\n"
        "    shutil.rmtree(sys.argv[2])\n"
    )
    source = str(Path(tempfile.__file__).parent / "email")
    with subprocess.Popen([sys.executable, "-c", program, source, f"{folder}/copy"]) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["messages", "packet_rings", "threads"] if IS_NIGHT else ["packet_rings"])
def test_noise_does_not_take_the_place_of_a_leak(kind: str, tracefs: Path) -> None:
    """A host that leaks also works: what comes and goes must not be named first."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, noise(folder), leak(kind, 4 * MIB) as pid:
        found = ask_all(ask_here, SETTINGS).answer
    assert found.culprit is not None and is_leaker(found.culprit, pid), answer_text(found)
