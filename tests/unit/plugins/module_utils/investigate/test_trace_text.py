# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a trace are understood as the kernel that wrote them prints them, and a hostile command changes nothing."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.trace_text import (
    Form,
    address,
    event,
    frame,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import EXIT, NEW_TASK, PRINTED

# Copied from traces of a running 6.18 kernel.
LINE = (
    "          python-29608   [001] .....  5212.214981: kmalloc: call_site=load_msg+0x3c/0x1a0 ptr=00000000c5b8d0d6 "
    "bytes_req=1998 bytes_alloc=2048 gfp_flags=GFP_KERNEL_ACCOUNT node=-1 accounted=true"
)
STACK = "          python-29608   [001] .....  5212.214983: <stack trace>"
IN_SOFTIRQ = (
    "          <idle>-0       [000] ..s1.  5212.300001: kfree: call_site=skb_free_head+0x9e/0xb0 ptr=00000000aa"
)
OLD = "           <...>-4242  [003] d..2   99.000001: mm_page_free: page=00000000d2 pfn=1048575 order=0"


def test_a_line_is_taken_apart() -> None:
    """Command, thread, CPU, whether an interrupt ran, time and text."""
    assert event(LINE) == ("python", 29608, 1, False, 5212.214981, LINE.partition("981: ")[2])
    assert event(IN_SOFTIRQ)[:4] == ("<idle>", 0, 0, True)
    assert event(OLD)[:5] == ("<...>", 4242, 3, False, 99.000001)
    assert event(STACK)[5] == "<stack trace>"


@pytest.mark.parametrize("line", ["", " => load_msg", "# tracer: nop", "CPU:1 [LOST 12 EVENTS]", "x" * 40])
def test_what_is_no_event_is_none(line: str) -> None:
    """Headers, frames and notes of losses are none."""
    assert event(line) is None


def test_a_command_can_not_pretend_to_be_another() -> None:
    """A command may hold anything in its 15 bytes; it stands in the first 16 columns, whatever it looks like."""
    hostile = f"{'a-1 [000] ....:':>16}-666     [001] .....  1.000000: kfree: call_site=x ptr=00000000aa"
    assert event(hostile)[:3] == ("a-1 [000] ....:", 666, 1)


def test_frames_have_a_function_and_its_module() -> None:
    """With and without an offset; what is no frame is none, so that a command with a line break adds none."""
    assert frame(" => load_msg") == "load_msg"
    assert frame(" => do_msgsnd+0x12/0x340") == "do_msgsnd"
    assert frame(" => nft_trans_alloc [nf_tables]") == "nft_trans_alloc [nf_tables]"
    assert frame(" => io_uring_setup.cold") == "io_uring_setup.cold"
    assert frame(" => kfree-4242  [000] ....  1.0: kfree: call_site=x") is None
    assert frame("load_msg") is None


def test_a_form_gives_the_values_of_a_line() -> None:
    """The form is made of what the kernel says that it prints."""
    form = Form(PRINTED["6.18"]["kmem/kmalloc"])
    values = form.values(LINE.partition("kmalloc: ")[2])
    assert values == {
        "call_site": "load_msg+0x3c/0x1a0",
        "ptr": "00000000c5b8d0d6",
        "bytes_req": "1998",
        "bytes_alloc": "2048",
        "gfp_flags": "GFP_KERNEL_ACCOUNT",
        "node": "-1",
        "accounted": "true",
    }
    assert form.values("call_site=load_msg ptr=1") is None


def test_a_function_with_its_module_is_one_value() -> None:
    """A call site in a module holds a space."""
    form = Form(PRINTED["6.18"]["kmem/kfree"])
    values = form.values("call_site=nft_release+0x1/0x2 [nf_tables] ptr=00000000aa")
    assert values == {"call_site": "nft_release+0x1/0x2 [nf_tables]", "ptr": "00000000aa"}


@pytest.mark.parametrize("command", ["x pid=5", "x pid=5 prio=1", "a comm=b", ""])
def test_a_command_in_an_event_changes_no_number(command: str) -> None:
    """Threads are told by their number, which a command must not be able to give."""
    left = Form(EXIT).values(f"comm={command} pid=77 prio=120")
    came = Form(NEW_TASK).values(f"pid=77 comm={command} clone_flags=3d0f00 oom_score_adj=0")
    assert (left["pid"], came["pid"]) == ("77", "77")


def test_an_area_has_a_name_before_a_colon() -> None:
    """Vmalloc events are printed in two ways, and a start is hexadecimal in one of them."""
    made = Form(PRINTED["6.12"]["vmalloc/alloc_vmap_area"]).values(
        "va_start: 18446683600570023936 size: 8192 align: 4096 vstart: 0xffff vend: 0xfffff failed: 0"
    )
    freed = Form(PRINTED["6.12"]["vmalloc/free_vmap_area_noflush"]).values(
        "va_start=0xffffc90000000000 nr_lazy=3 nr_lazy_max=8192"
    )
    assert address(made["va_start"]) == address(freed["va_start"])
    assert made["size"] == "8192"


def test_addresses_are_numbers_where_they_can_be() -> None:
    """What is hashed stays text; the same text is the same allocation."""
    assert [address(text) for text in ("0x10", "16", "00000000c5b8d0d6")] == [16, 16, "00000000c5b8d0d6"]
    assert address("(____ptrval____)") == "(____ptrval____)"
