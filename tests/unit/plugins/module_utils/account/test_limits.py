# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects with limits: how many, of how many, and a reason where either is not known."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import FILES, NAMES, PARTS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    MIB,
    case,
    meminfo,
    plain,
    reading,
)

KEYS = (
    "    0:     9 8/8 3/1000000 40/25000000\n"
    " 1000: 95002 95001/95001 95000/20000 900/2000000\n"
    " 1001:     2 1/1 1/200 19000/20000\n"
    "something else\n"
)


def limits_of(files, errors=None, **more):
    facts = build_facts(reading(meminfo(**plain()), files=files, errors=errors or {}, **more))
    return {one["name"]: one for one in facts["limits"]}


def pair(limit):
    return limit["value"], limit["limit"], limit["unit"]


def test_threads_are_told_on_every_host():
    found = limits_of({"proc/loadavg": "0 0 0 1/900 7\n", "proc/sys/kernel/pid_max": "32768\n"})
    assert pair(found["threads"]) == (900, 32768, "threads") and found["threads"]["reason"] is None
    assert list(found) == ["threads"], "what nobody asked for is not there"


def test_files_and_connections_stand_beside_their_limits():
    found = limits_of(
        {
            "proc/sys/fs/file-nr": "1024 0 9000\n",
            "proc/sys/net/netfilter/nf_conntrack_count": "200\n",
            "proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
        }
    )
    assert pair(found["files"]) == (1024, 9000, "files")
    assert pair(found["conntrack"]) == (200, 262144, "connections")


def test_no_limit_of_files_is_null_with_a_reason():
    found = limits_of({"proc/sys/fs/file-nr": "1024 0 9223372036854775807\n"})["files"]
    assert pair(found) == (1024, None, "files") and found["reason"].endswith(".")


def test_the_user_nearest_to_the_quota_of_keys_is_told():
    """By number and by bytes, which may be two users."""
    found = limits_of({"proc/key-users": KEYS})
    assert pair(found["keys"]) == (95000, 20000, "keys")
    assert pair(found["key_bytes"]) == (19000, 20000, "bytes")


def test_the_memory_of_compiled_programs_stands_in_vmallocinfo_alone():
    found = build_facts(case("bpf-jit-limit-full"))["limits"]
    [jit] = [one for one in found if one["name"] == "bpf_jit"]
    assert jit["limit"] == 264241152 and jit["unit"] == "bytes"
    assert round(jit["value"] / MIB, 1) == 251.6 and jit["reason"] is None
    alone = limits_of({"proc/sys/net/core/bpf_jit_limit": "264241152\n"})["bpf_jit"]
    assert alone["value"] is None and "vmallocinfo" in alone["reason"]


@pytest.mark.parametrize("name, file", [("files", "proc/sys/fs/file-nr"), ("udp_memory", "proc/sys/net/ipv4/udp_mem")])
def test_what_may_not_be_read_says_so(name, file):
    found = limits_of({}, errors={file: "EACCES"})[name]
    assert found["limit"] is None and found["reason"]


def test_the_subset_limits_counts_what_processes_have_the_kernel_keep():
    """Mounts, System V, watches and the threads of the top control groups, each beside its limit."""
    found = limits_of(FILES, parts=PARTS, subsets=NAMES)
    assert pair(found["mounts"]) == (41, 100000, "mounts")
    assert pair(found["message_queues"]) == (2, 32000, "queues")
    assert pair(found["shared_segments"]) == (1, 4096, "segments")
    assert pair(found["semaphore_arrays"]) == (0, 32000, "arrays"), "the fourth number of sem"
    assert pair(found["inotify_instances"]) == (9, 128, "instances"), "of the command with the most"
    assert pair(found["threads of user.slice"]) == (31, 4000, "threads")
    assert found["threads of system.slice"]["limit"] is None and found["threads of system.slice"]["reason"]


@pytest.mark.parametrize(
    "part", [None, [], {"pids": 7}, {"pids": [[1], ["a", "b", "c"]], "mounts": "x", "messages": []}]
)
def test_a_strange_part_gives_no_number(part):
    found = limits_of(FILES, parts={"limits": part, "descriptors": {"rows": [["a", "inotify", "x"], 5]}})
    assert all(limit["value"] is None or isinstance(limit["value"], int) for limit in found.values())


@pytest.mark.parametrize(
    ("name", "file"),
    [("bpf_jit", "proc/sys/net/core/bpf_jit_limit"), ("conntrack", "proc/sys/net/netfilter/nf_conntrack_count")],
)
def test_what_could_not_be_read_has_the_reason_of_its_own_file(name, file):
    """A reason of another file sends somebody to the wrong place."""
    found = limits_of({}, errors={file: "EACCES"})[name]
    assert "EACCES" in found["reason"] or "root" in found["reason"]


def test_a_limit_that_nobody_knows_is_no_error():
    """The sentence says which of both it is."""
    found = limits_of({"proc/sys/fs/file-nr": "1024 0 9223372036854775807\n"})["files"]
    assert found["reason"] == "This kernel has no limit for it, or none is known."
