# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was not freed is what is left of a trace: allocations of its first half, by stack and by who made them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.matching import Matcher
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED

NOISE = "^(kmalloc|entry_)"
KMALLOC = {
    "role": "alloc",
    "key": "ptr",
    "size": {"field": "bytes_alloc", "times": 1},
    "printed": PRINTED["6.18"]["kmem/kmalloc"],
}
KFREE = {"role": "free", "key": "ptr", "size": {"bytes": 0}, "printed": PRINTED["6.18"]["kmem/kfree"]}
PAGE = {"role": "alloc", "key": "pfn", "size": {"order": "order"}, "printed": PRINTED["6.18"]["kmem/mm_page_alloc"]}
PAGE_FREE = {"role": "free", "key": "pfn", "size": {"bytes": 0}, "printed": PRINTED["6.18"]["kmem/mm_page_free"]}


def matcher(scale: int = 1, leave_out: str = "", keep: str = "", **events: Any) -> Matcher:
    """A matcher of kmalloc and kfree, or of what is given."""
    return Matcher(events or {"kmalloc": KMALLOC, "kfree": KFREE}, scale, 4096, NOISE, leave_out, keep)


def line(moment: float, text: str, cpu: int = 0, who: str = "leaker-7", flags: str = ".....") -> str:
    """A line of a trace."""
    command, _dash, thread = who.rpartition("-")
    return f"{command:>16}-{thread:<7} [{cpu:03d}] {flags} {moment:12.6f}: {text}"


def made(moment: float, ptr: str, size: int = 100, **where: Any) -> str:
    """An allocation."""
    return line(
        moment,
        f"kmalloc: call_site=site+0x1/0x2 ptr={ptr} bytes_req=1 bytes_alloc={size} gfp_flags=G node=-1 accounted=true",
        **where,
    )


def freed(moment: float, ptr: str, **where: Any) -> str:
    """What frees it."""
    return line(moment, f"kfree: call_site=x+0x1/0x2 ptr={ptr}", **where)


def stack(moment: float, *functions: str, **where: Any) -> list[str]:
    """The stack of the allocation before."""
    return [line(moment, "<stack trace>", **where), *(f" => {name}" for name in functions)]


def result(of: Matcher, lines: list[str], lost: tuple[int, ...] = ()) -> dict[str, Any]:
    """The result of lines."""
    for one in lines:
        of.take(one)
    found: dict[str, Any] = of.result(list(lost))
    return found


END = line(10.0, "kfree: call_site=x+0x1/0x2 ptr=ff", who="other-9")


def test_what_was_freed_is_not_counted() -> None:
    """Also where another process on another CPU freed it."""
    found = result(matcher(), [made(0.0, "01"), made(0.1, "02"), freed(0.2, "01", cpu=1, who="other-9"), END])
    assert (found["total_bytes"], found["half_seconds"]) == (100, 5.0)


def test_only_the_first_half_counts() -> None:
    """What is young may be freed a moment later, so it says nothing."""
    found = result(matcher(), [made(0.0, "01"), made(4.9, "02"), made(5.1, "03"), END])
    assert found["total_bytes"] == 200


def test_an_address_that_comes_again_was_freed() -> None:
    """By an event that was not seen; two allocations can't be at one address."""
    assert result(matcher(), [made(0.0, "01"), made(0.1, "01", 30), END])["total_bytes"] == 30


def test_a_stack_belongs_to_the_allocation_before_on_its_cpu() -> None:
    """A line of another CPU may stand between the two."""
    lines = [
        made(0.0, "01", cpu=0),
        made(0.1, "02", 50, cpu=1, who="other-9"),
        *stack(0.2, "kmalloc_trace", "load_msg", "do_msgsnd", cpu=0),
        *stack(0.3, "other_function", cpu=1, who="other-9"),
        END,
    ]
    sites = result(matcher(), lines)["sites"]
    assert [(site["stack"], site["bytes"]) for site in sites] == [
        (["load_msg", "do_msgsnd"], 100),
        (["other_function"], 50),
    ]
    assert sites[0]["who"] == [["leaker", 7, 100]]


def test_without_a_stack_the_call_site_names_it() -> None:
    """Better than nothing, and all that some kernels tell."""
    assert result(matcher(), [made(0.0, "01"), END])["sites"][0]["stack"] == ["site"]


def test_an_interrupt_is_nobody() -> None:
    """The process that runs has nothing to do with a packet that comes in."""
    found = result(matcher(), [made(0.0, "01", flags="..s1."), END])
    assert found["sites"][0]["who"] == [["interrupt", 0, 100]]


def test_stacks_that_are_counted_elsewhere_are_left_out() -> None:
    """Pages of slabs are slab, and not what no counter names; page tables are made by functions of page tables only."""
    lines = [made(0.0, "01"), *stack(0.0, "allocate_slab", "f"), made(0.1, "02", 7), *stack(0.1, "pte_alloc_one"), END]
    assert result(matcher(leave_out="^allocate_slab"), lines)["total_bytes"] == 7
    assert result(matcher(keep="^pte_"), lines)["total_bytes"] == 7
    assert result(matcher(), lines)["total_bytes"] == 107


def test_after_a_loss_nothing_is_looked_at() -> None:
    """What was freed there may be among what was lost."""
    lines = [made(0.0, "01"), made(1.0, "02", cpu=1), freed(2.0, "02", cpu=1), made(2.5, "03"), END]
    found = result(matcher(), lines, lost=(1,))
    assert (found["total_bytes"], found["half_seconds"]) == (100, 1.0)


def test_a_sample_stands_for_all() -> None:
    """Of one in eight addresses each counts eight times; large blocks of pages are all kept and count once."""
    assert result(matcher(8), [made(0.0, "01"), END])["total_bytes"] == 800
    pages = [
        line(0.0, "mm_page_alloc: page=01 pfn=0x8 order=0 migratetype=0 gfp_flags=G"),
        line(0.1, "mm_page_alloc: page=02 pfn=0x10 order=3 migratetype=0 gfp_flags=G"),
        line(10.0, "mm_page_free: page=03 pfn=0x99 order=0"),
    ]
    found = result(matcher(8, mm_page_alloc=PAGE, mm_page_free=PAGE_FREE), pages)
    assert found["total_bytes"] == 8 * 4096 + 8 * 4096


def test_a_page_is_the_same_in_hexadecimal() -> None:
    """A page is told by its number."""
    lines = [
        line(0.0, "mm_page_alloc: page=01 pfn=0x1f order=0 migratetype=0 gfp_flags=G"),
        line(0.1, "mm_page_free: page=01 pfn=0x1f order=0"),
        line(9.0, "mm_page_free: page=03 pfn=0x99 order=0"),
    ]
    assert result(matcher(mm_page_alloc=PAGE, mm_page_free=PAGE_FREE), lines)["total_bytes"] == 0


def test_what_many_stacks_have_in_common_is_told() -> None:
    """One leak of several objects has one function that makes them all."""
    lines = []
    for number, function in enumerate(("alloc_super", "alloc_inode", "alloc_vfsmnt")):
        lines += [made(number / 10, f"0{number}"), *stack(number / 10, function, "get_tree", "path_mount")]
    functions = result(matcher(), [*lines, END])["functions"]
    assert functions == [["get_tree", 300, 1.0], ["path_mount", 300, 2.0]]


def test_a_function_that_calls_itself_counts_once() -> None:
    """Or it would have more than everything."""
    found = result(matcher(), [made(0.0, "01"), *stack(0.0, "walk", "walk", "top"), END])
    assert found["functions"] == [["walk", 100, 0.0], ["top", 100, 2.0]]


@pytest.mark.parametrize("lines", [[], [END], ["nonsense", " => frame"]])
def test_nothing_has_a_result(lines: list[str]) -> None:
    """A trace in which nothing happened."""
    found = result(matcher(), lines)
    assert (found["total_bytes"], found["sites"], found["who"]) == (0, [], [])
