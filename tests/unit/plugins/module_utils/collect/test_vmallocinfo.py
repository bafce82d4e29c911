# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callers of vmalloc memory, told by the form of each token; the figures are checked by awk over the saved
samples.
"""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.vmallocinfo import (
    CALLERS,
    parse_vmallocinfo,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import SAMPLES

AREA = b"0x00000000dadaa215-0x00000000b4022b1a   20480 "


# awk '/^0x/ && NF>2 {n++; for (i=3; i<=NF; i++) {if ($i ~ /^pages=/) {split($i,a,"="); p+=a[2]; if ($3 ~
# /^(kernel_clone|fork_idle)\+/) k+=a[2]} if ($i=="ioremap") io+=$2}} END {print n, p, k, io}' proc/vmallocinfo; the
# biggest caller by a sum for each $3 up to its "+"
@pytest.mark.parametrize(
    "kernel, areas, pages, stacks, mapped, biggest, bad",
    [
        ("5.10.0-46-cloud-amd64", 101, 1357, 192, 268644352, ["pcpu_create_chunk", 1100], 0),
        ("6.1.0-56-cloud-amd64", 135, 1387, 264, 268644352, ["pcpu_create_chunk", 531], 0),
        ("6.12.118+deb13-cloud-amd64", 143, 1401, 296, 268644352, ["pcpu_create_chunk", 531], 0),
        # The saved file ends in the middle of a line.
        ("6.18-host", 2246, 9418, 8892, 1187840, ["kernel_clone", 8892], 1),
        ("7.3.4+deb13-cloud-amd64", 125, 2386, 256, 268644352, ["pcpu_create_chunk", 1063], 0),
    ],
)
def test_samples(kernel, areas, pages, stacks, mapped, biggest, bad):
    with open(os.path.join(SAMPLES, kernel, "proc", "vmallocinfo"), "rb") as file:
        lines = file.read().split(b"\n")
    lines[-1:] = [None] if lines[-1] else []
    part = parse_vmallocinfo(lines)
    assert (part["areas"], part["pages"], part["stack_pages"], part["ioremap_bytes"]) == (areas, pages, stacks, mapped)
    assert part["rows"][0][:2] == biggest and part["bad_lines"] == bad and len(part["rows"]) == 10
    with open(os.path.join(SAMPLES, kernel, "proc", "meminfo")) as file:
        used = int(file.read().split("VmallocUsed:")[1].split()[0])
    assert bad or part["pages"] * 4 == used, "the pages of all areas are what meminfo calls VmallocUsed"


@pytest.mark.parametrize(
    "rest, row",
    [
        (b"kernel_clone+0xb8/0x400 pages=4 vmalloc N0=4", ["kernel_clone", 4, 1]),
        (
            b"map_capability+0x104/0x170 [virtio_pci] phys=0x00000000febec000 ioremap",
            ["map_capability [virtio_pci]", 0, 1],
        ),
        (b"load_module+0x1/0x2 [nf_tables] pages=7 vmalloc vpages N0=3 N1=4", ["load_module [nf_tables]", 7, 1]),
        (b"pcpu_get_vm_areas+0x0/0x1060 vmalloc", ["pcpu_get_vm_areas", 0, 1]),
        (b"unpurged vm_area", ["unpurged", 0, 1]),
        (b"vm_map_ram", ["vm_map_ram", 0, 1]),
        (b"pages=3 vmalloc", ["unknown", 3, 1]),
        (b"vmalloc", ["unknown", 0, 1]),
        (b"", ["unknown", 0, 1]),
        (b"0xffffffff81234567 pages=2 vmalloc", ["0xffffffff81234567", 2, 1]),
        (b"xt_alloc.isra.0+0x1/0x2/0x2c0 vmalloc pages=5 user", ["xt_alloc.isra.0", 5, 1]),
    ],
)
def test_tokens_are_told_by_their_form(rest, row):
    assert parse_vmallocinfo([AREA + rest])["rows"] == [row]


def test_sizes_are_added_for_ioremap_only():
    part = parse_vmallocinfo(
        [AREA + b"hpet_enable+0x1/0x2 phys=0xfed00000 ioremap", AREA + b"x+0x1/0x2 pages=1 vmalloc"]
    )
    assert (part["ioremap_bytes"], part["pages"]) == (20480, 1)


@pytest.mark.parametrize(
    "caller",
    [
        b"dup_task_struct",
        b"_do_fork",
        b"copy_process.part.0",
        b"alloc_thread_stack_node",
        b"fork_idle",
        b"kernel_clone",
    ],
)
def test_stacks_have_many_callers(caller):
    part = parse_vmallocinfo(
        [AREA + caller + b"+0x1/0x2 pages=4 vmalloc", AREA + b"not_" + caller + b"+0x1/0x2 pages=2 vmalloc"]
    )
    assert (part["stack_pages"], part["pages"]) == (4, 6)


@pytest.mark.parametrize(
    "line",
    [
        None,
        b"",
        b"garbage",
        b"0x1-0x2",
        b"0x1-0x2 size caller pages=1",
        b"0x1 4096 caller pages=1",
        b"1-2 4096 caller pages=1",
        AREA + b"caller pages=x",
        AREA + b"caller pages=",
        AREA + b"caller pages=-1",
        AREA + b"caller pages=" + b"9" * 19,
    ],
)
def test_a_bad_line_is_counted_and_adds_nothing(line):
    part = parse_vmallocinfo([AREA + b"a+0x1/0x2 pages=1 vmalloc", line])
    assert (part["areas"], part["pages"], part["bad_lines"], part["rows"]) == (1, 1, 1, [["a", 1, 1]])


def test_equal_callers_are_added_and_sorted_by_name():
    lines = [AREA + b"c%02d+0x%x/0x9 pages=2 vmalloc" % (number % 15, number) for number in range(45)]
    part = parse_vmallocinfo(lines)
    assert part["rows"] == [[f"c{number:02}", 6, 3] for number in range(10)] and part["pages"] == 90


def test_a_file_of_nothing_but_callers_does_not_fill_the_memory():
    part = parse_vmallocinfo(AREA + b"c%d pages=1" % number for number in range(CALLERS + 100))
    assert part["rows"][0] == ["(others)", 100, 100] and part["pages"] == CALLERS + 100


def test_callers_are_bounded_text():
    assert parse_vmallocinfo([AREA + b"\xff" * 99 + b" pages=1"])["rows"] == [["\ufffd" * 64, 1, 1]]
