# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huge pages that were set aside and that nobody uses are memory that nobody else can have."""

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.huge_pages import huge_pages_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KIB, MIB, case

FOLDER = "sys/kernel/mm/hugepages/hugepages-"
DEFAULT = {"Hugepagesize": 2 * MIB}


def sizes_of(reading, sizes, numbers):
    found = huge_pages_of(reading, sizes, numbers)
    return found["total_bytes"], found["free_bytes"], found["reserved_bytes"]


def pages(size, number, free, reserved):
    names = {"nr": number, "free": free, "resv": reserved}
    return {f"{FOLDER}{size}kB/{name}_hugepages": f"{value}\n" for name, value in names.items() if value is not None}


def test_stranded_huge_pages_are_free_and_promised_to_nobody():
    found = build_facts(case("stranded-huge-pages"))["huge_pages"]
    assert found == {"total_bytes": 48 << 30, "free_bytes": 48 << 30, "reserved_bytes": 0}


def test_the_default_size_stands_in_meminfo():
    numbers = {"HugePages_Total": 10, "HugePages_Free": 4, "HugePages_Rsvd": 3}
    assert sizes_of({"files": {}}, DEFAULT, numbers) == (20 * MIB, 8 * MIB, 6 * MIB)


def test_other_sizes_are_added_and_the_default_counts_once():
    files = pages(2048, 10, 4, 3) | pages(1048576, 2, 1, 0)
    numbers = {"HugePages_Total": 10, "HugePages_Free": 4, "HugePages_Rsvd": 3}
    sizes = dict(DEFAULT, Hugetlb=20 * MIB + (2 << 30))
    assert sizes_of({"files": files}, sizes, numbers) == (20 * MIB + (2 << 30), 8 * MIB + (1 << 30), 6 * MIB)


def test_a_size_that_does_not_tell_leaves_null_and_never_less():
    """1 GiB pages that only Hugetlb counts, and a copy without free_hugepages."""
    numbers = {"HugePages_Total": 0, "HugePages_Free": 0, "HugePages_Rsvd": 0}
    assert sizes_of({"files": {}}, dict(DEFAULT, Hugetlb=4 << 30), numbers) == (4 << 30, None, None)
    files = pages(1048576, 2, None, 1)
    assert sizes_of({"files": files}, dict(DEFAULT, Hugetlb=2 << 30), numbers) == (2 << 30, None, 1 << 30)
    files = pages(1048576, 2, 3, 1)
    assert sizes_of({"files": files}, dict(DEFAULT, Hugetlb=2 << 30), numbers)[1] is None


def test_of_two_moments_of_the_default_size_the_larger_counts():
    """Pages are set aside while the host is read: what is free is of the same moment as the number."""
    small, large = (pages(2048, number, number - 1, 0) for number in (10, 12))
    numbers = {"HugePages_Total": 11, "HugePages_Free": 2, "HugePages_Rsvd": 1}
    assert sizes_of({"files": small}, DEFAULT, numbers) == (22 * MIB, 4 * MIB, 2 * MIB)
    assert sizes_of({"files": large}, DEFAULT, numbers) == (24 * MIB, 22 * MIB, 0)
    assert sizes_of({"files": pages(2048, 1, 1, 0)}, DEFAULT, {}) == (2 * MIB, 2 * MIB, 0)
    equal = {"HugePages_Total": 10, "HugePages_Free": 2, "HugePages_Rsvd": 1}
    assert sizes_of({"files": small}, DEFAULT, equal) == (20 * MIB, 4 * MIB, 2 * MIB), "meminfo's, as it was read first"


def test_other_files_are_no_sizes():
    """A hostile reading: names that are no texts, of other folders, or of other files of the folder."""
    files = {
        7: "9\n",
        f"{FOLDER}2048kB/nr_hugepages_mempolicy": "5\n",
        f"{FOLDER}2048kB/surplus_hugepages": "5\n",
        "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages": "5\n",
        f"{FOLDER}0kB/nr_hugepages": "9\n",
        **pages(1048576, 1, 1, 0),
    }
    assert sizes_of({"files": files}, {}, {}) == (1 << 30, 1 << 30, 0)


def test_what_one_size_does_not_tell_is_asked_of_it_alone():
    """Free pages of one size are not known; what is promised is known of both."""
    files = {**pages(2048, 10, None, 1), **pages(1048576, 2, 2, 1)}
    assert sizes_of({"files": files}, {}, {}) == (20 * MIB + (2 << 30), None, 2 * MIB + (1 << 30))


def test_a_number_of_pages_without_their_size_is_no_memory():
    """A meminfo that was cut before Hugepagesize."""
    assert sizes_of({"files": {}}, {}, {"HugePages_Total": 5, "HugePages_Free": 5, "HugePages_Rsvd": 5}) == (0, 0, 0)


def test_none_are_none():
    assert sizes_of({"files": {}}, {}, {}) == (0, 0, 0)
    assert sizes_of({"files": None}, dict(DEFAULT, Hugetlb=0), {"HugePages_Total": 0}) == (0, 0, 0)
    assert sizes_of({"files": {f"{FOLDER}xkB/nr_hugepages": "9\n"}}, {"Hugepagesize": 4 * KIB}, {}) == (0, 0, 0)
