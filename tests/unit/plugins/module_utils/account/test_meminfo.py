# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""meminfo is read leniently, and a value that is not certain is never given."""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.meminfo import (
    KNOWN_FIELDS,
    parse_meminfo,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES


def test_sizes_are_bytes_and_huge_page_numbers_stay_numbers():
    result = parse_meminfo("MemTotal:       744388 kB\nHugePages_Total:      12\nHugepagesize:  2048 kB\n")
    assert result == {
        "sizes": {"MemTotal": 762253312, "Hugepagesize": 2097152},  # 744388 * 1024, 2048 * 1024
        "numbers": {"HugePages_Total": 12},
        "bad_lines": [],
        "damaged": {},
    }


@pytest.mark.parametrize(
    "line, words",
    [
        ("Slab: NaN kB", 'holds "NaN kB", which is no number of kB'),
        ("Slab: 12.5 kB", 'holds "12.5 kB", which is no number of kB'),
        ("Slab: 1 2 3 kB", 'holds "1 2 3 kB", which is no number of kB'),
        ("Slab: 0x7f kB", 'holds "0x7f kB", which is no number of kB'),
        ("Slab:", 'holds "", which is no number of kB'),
        ("Slab: 9223372036854775808 kB", 'holds "9223372036854775808 kB", which is more than any memory has'),
        ("Slab: 100 kB\nSlab: 200 kB", "stands there twice, with different values"),
    ],
)
def test_a_known_field_without_a_usable_value_is_named_with_what_it_holds(line, words):
    """What is damaged must not pass for what a kernel does not have; a vendor's own line is nobody's damage."""
    result = parse_meminfo("MemTotal: 100 kB\n" + line + "\nVendorLine: soon\n")
    assert result["damaged"] == {"Slab": words} and "Slab" not in result["sizes"]
    assert result["bad_lines"][-1] == "VendorLine: soon"


def test_a_known_field_that_was_cut_is_named():
    assert parse_meminfo("MemTotal: 100 kB\nPercpu: 10")["damaged"] == {"Percpu": "is cut short"}


@pytest.mark.parametrize(
    "line", ["Slab: 8 kB", "Slab:8kB", "Slab:\t8 kb", "  Slab :   8 KB  ", "Slab: 8 kB\r", "Slab:               8kB\r"]
)
def test_every_way_that_vendors_write_a_size_is_understood(line):
    assert parse_meminfo(line + "\n")["sizes"] == {"Slab": 8192}


def test_the_last_line_may_lack_its_end_if_the_unit_shows_that_it_is_whole():
    assert parse_meminfo("MemTotal: 100 kB\nDirectMap4k: 7 kB")["sizes"]["DirectMap4k"] == 7168


@pytest.mark.parametrize("cut", ["Percpu: 10", "Percpu: 100 k", "HugePages_Free: 1", "Perc"])
def test_a_line_that_was_cut_gives_no_value(cut):
    result = parse_meminfo("MemTotal: 100 kB\n" + cut)
    assert list(result["sizes"]) == ["MemTotal"] and result["numbers"] == {} and result["bad_lines"] == [cut]


@pytest.mark.parametrize(
    "line",
    [
        "Slab: -5 kB",
        "Slab: 1e5 kB",
        "Slab: 0x10 kB",
        "Slab: 12",
        "Slab: 12 MB",
        "Slab: 12 34 kB",
        "Slab: \u0661\u0662 kB",
        "Slab: 18446744073709551568 kB",
        "Slab: 9007199254740992 kB",
        "Slab kB",
        "<script>: 1 kB",
    ],
)
def test_a_doubtful_line_gives_no_value_and_is_reported(line):
    result = parse_meminfo("MemTotal: 100 kB\n" + line + "\n")
    assert list(result["sizes"]) == ["MemTotal"] and len(result["bad_lines"]) == 1


def test_a_field_said_twice_counts_only_if_both_agree():
    result = parse_meminfo("MemTotal: 1 kB\nSlab: 1 kB\nSlab: 2 kB\nPercpu: 3 kB\nPercpu: 3 kB\n")
    assert result["sizes"] == {"MemTotal": 1024, "Percpu": 3072} and result["bad_lines"] == ["Slab: 2 kB"]


def test_unknown_fields_are_kept():
    result = parse_meminfo("MemTotal: 1 kB\nRbinTotal: 5 kB\nHugepagePool: 6 kB\nSomething: 4\n")
    assert result["sizes"]["RbinTotal"] == 5120 and result["numbers"] == {"Something": 4}


def test_the_table_of_linux_2_4_does_not_disturb():
    text = "        total:    used:    free:\nMem:  1 2 3\nMemTotal: 9 kB\n"
    assert parse_meminfo(text)["sizes"] == {"MemTotal": 9216}


def test_reported_lines_are_few_short_and_printable():
    result = parse_meminfo("MemTotal: 1 kB\n" + "\x1b[31m\x00\u202e{{ 1 }}" * 60 + "\n" + "?\n" * 500)
    assert len(result["bad_lines"]) == 20
    assert all(
        len(line) <= 80 and line.isprintable() and line == line.encode("ascii").decode() for line in result["bad_lines"]
    )


@pytest.mark.parametrize("text", ["", "\n", "hello", "MemTotal", None, 5, b"MemTotal: 1 kB\n", ["MemTotal: 1 kB"]])
def test_nothing_usable_is_a_sentence(text):
    with pytest.raises(ValueError, match=r"^[A-Z].*[.?]$"):
        parse_meminfo(text)


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_line_of_every_sample_is_understood_and_known(kernel):
    with open(os.path.join(SAMPLES, kernel, "proc", "meminfo")) as file:
        text = file.read()
    result = parse_meminfo(text)
    assert result["bad_lines"] == []
    assert len(result["sizes"]) + len(result["numbers"]) == len(text.splitlines())
    assert set(result["sizes"]) | set(result["numbers"]) <= KNOWN_FIELDS
