# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds page tables, and memory that no counter names: sums of many processes, and what processes can hold."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, PHYSICAL, judged, machine, processes


def found(dimension: str, **host: Any) -> Finding:
    """Return the finding on a dimension of such a host."""
    _verdict, findings = judged(machine(**host))
    return next(one for one in findings if one.dimension == dimension)


def test_sessions_of_a_database_are_summed() -> None:
    """None of 500 sessions has much; together they are the page tables."""
    sessions = processes(*[("postgres", 14)] * 12, commands=[("postgres", 500, 7000)])
    one = found("page_tables", ram=32 * GIB, su=300, page_tables=7200, threads=900, parts=sessions)
    assert one.pattern == "database_without_huge_pages"
    assert "The 500 processes of postgres have 6.8 GiB together" in one.explanation


def test_many_small_processes_are_no_database() -> None:
    """Half a MiB of page tables is no large shared memory."""
    many = processes(*[("python", 1)] * 5, commands=[("python", 5000, 2500)])
    one = found("page_tables", ram=16 * GIB, su=300, page_tables=2600, threads=5400, parts=many)
    assert one.pattern == "many_processes"
    assert "The 5,000 processes of python have 2.4 GiB together, 96.2 % of it" in one.explanation


def test_a_copy_with_some_of_the_sessions_says_how_many_there_may_be() -> None:
    """Twelve of 500 are enough where they are alike and as many threads run; not where fewer do."""
    some = processes(*[(f"oracle_{place}", 14) for place in range(12)])
    host = {"ram": 32 * GIB, "su": 300, "page_tables": 6800, "parts": some}
    assert found("page_tables", **host, threads=700).pattern == "database_without_huge_pages"
    assert found("page_tables", **host, threads=300).pattern is None


def test_what_processes_can_hold_is_said_beside_the_driver() -> None:
    """Pipes, packet rings and perf buffers are in no counter: who hears of a driver alone looks in the wrong place."""
    parts = {
        "descriptors": {"pipes": 900, "rows": [["chatty", "pipe", 900]], "seen": 300},
        "ipc": {"packet_sockets": 12, "packet_owner_uid": 0},
    }
    one = found(
        "unaccounted", ram=64 * GIB, su=700, unaccounted=20 * GIB, signs=PHYSICAL, outside=("mydrv",), parts=parts
    )
    assert one.pattern == "driver_page_leak"
    assert "The first suspects are the modules that are not part of the kernel: mydrv." in one.explanation
    assert "Processes can hold such memory, too, in pipes, packet rings, perf buffers and pinned" in one.explanation


def sockets_of(number: int) -> dict[str, Any]:
    """So many packet sockets of root's."""
    return {"limits": {"packets": {"rows": number, "owner": 0}}}


def test_many_packet_sockets_come_before_a_driver_that_nobody_suspects() -> None:
    """Nothing says how large their rings are; a module from outside is a better suspect."""
    host = {"ram": 64 * GIB, "su": 700, "unaccounted": 20 * GIB, "signs": PHYSICAL}
    for sockets, outside, pattern in ((99, (), "driver_page_leak"), (100, (), "memory_of_processes")):
        parts = sockets_of(sockets)
        one = found("unaccounted", **host, outside=outside, parts=parts)
        assert one.pattern == pattern, sockets
        assert f"{sockets} packet sockets (most of the user with the id 0)" in one.explanation
    parts = sockets_of(400)
    assert found("unaccounted", **host, outside=("mydrv",), parts=parts).pattern == "driver_page_leak"


def test_both_possibilities_are_said_where_memory_is_short() -> None:
    """A balloon that does not say what it holds excuses nothing then."""
    host = {"ram": 16 * GIB, "su": 200, "unaccounted": 13 * GIB, "available": 120, "free": 100}
    for module, pattern in (("vmw_balloon", "balloon"), ("nvidia", "gpu_driver"), ("zfs", "zfs_arc")):
        one = found("unaccounted", **host, signs=(*PHYSICAL, f"module:{module}"))
        assert (one.pattern, one.severity) == (pattern, "critical")
        assert "or memory that a driver has lost: nothing here tells them apart" in one.explanation
