# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters are checked against each other: what can't be true is named, never used, and replaced by a sound sum where
there is one.
"""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KERNELS,
    KIB,
    MIB,
    case,
    meminfo,
    plain,
    reading,
    sample,
)

OSRELEASE = "proc/sys/kernel/osrelease"


def facts_of(fields, **more):
    return build_facts(reading(meminfo(**fields), **more))


def found(facts):
    """The counters that are contradicted, with their class."""
    return {one["counter"]: one["class"] for one in facts["contradictions"]}


def rest(facts):
    return facts["dimensions"]["unaccounted_bytes"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_nothing_speaks_against_real_kernels(kernel):
    """A false contradiction would be a finding on a healthy host."""
    facts = build_facts(sample(kernel))
    assert facts["contradictions"] == []
    assert set(facts["unavailable_class"].values()) <= {"not_gathered", "not_in_this_kernel"}


@pytest.mark.parametrize(
    "name, expected",
    [
        ("damaged-decimals", {"MemFree": "damaged", "SUnreclaim": "damaged", "Slab": "damaged"}),
        ("damaged-not-a-number", dict.fromkeys(("PageTables", "Percpu", "SUnreclaim", "VmallocUsed"), "damaged")),
        ("damaged-2-to-63", dict.fromkeys(("PageTables", "Percpu", "SUnreclaim"), "damaged")),
        ("damaged-memtotal-1-kb", {"MemTotal": "contradictory"}),
    ],
)
def test_damaged_trees_name_what_is_damaged_and_give_no_value_for_it(name, expected):
    """What can't be read is not what a kernel never tells: no sum stands on it."""
    facts = build_facts(case(name))
    assert found(facts) == expected
    for value in (rest(facts), facts["kernel_total_bytes"], facts["kernel_unreclaimable_bytes"]):
        assert value is None
    for missing in ("unaccounted", "kernel_total", "kernel_unreclaimable", "slab_unreclaimable"):
        assert facts["unavailable_class"][missing] in ("damaged", "contradictory")
        assert "as a whole" not in facts["unavailable"][missing]


def test_a_container_of_2016_is_not_auditable():
    """Slab 0 beside parts of 685 MiB is a mixture of two kernels' values, so nothing of it is said to be wrong."""
    facts = build_facts(case("container-meminfo-of-2016"))
    assert facts["platform"]["auditable"] is False and "container" in facts["platform"]["reason"]
    assert facts["contradictions"] == [] and facts["kernel_total_bytes"] is None


@pytest.mark.parametrize(
    "name, unaccounted", [("lru-counter-leak-small", 18), ("lru-counter-leak-hides-driver-leak", 29296)]
)
def test_a_page_list_beyond_the_page_cache_is_named_and_the_other_sum_taken(name, unaccounted):
    """A kernel whose Inactive(file) grows for ever: unaccounted stands on the page cache, MemAvailable is not used."""
    facts = build_facts(case(name))
    [wrong] = [one for one in facts["contradictions"] if one["counter"] == "Inactive(file)"]
    assert wrong["taken"] == "AnonPages + Cached + Buffers + SwapCached" and wrong["value"] > wrong["against"]
    assert rest(facts) // MIB == unaccounted
    host = facts["host"]
    assert host["memory_available_estimated"] is True
    assert host["memory_available_bytes"] < host["memory_total_bytes"]
    assert any("is estimated" in reason for reason in facts["accounting"]["reasons"])


def test_the_grown_list_is_told_by_what_it_should_hold():
    """Growth of anonymous lists is not blamed on those of files, and small disagreement is noise."""
    grown = 100 * 1024
    assert found(facts_of(plain(Inactive_anon=20000 + grown))) == {"Inactive(anon)": "contradictory"}
    assert found(facts_of(plain(Active_file=130000 + grown))) == {"Active(file)": "contradictory"}
    assert found(facts_of(plain(Unevictable=900000))) == {"Unevictable": "contradictory"}
    # 2 % of 1 GiB is 20.5 MiB, and less than 32 MiB is never called wrong.
    assert found(facts_of(plain(Active_file=130000 + 31 * 1024))) == {}
    assert found(facts_of(plain(Active_file=130000 + 33 * 1024))) != {}


def test_a_page_cache_that_does_not_fit_into_ram_is_named():
    """Then the page lists are the sound sum, and the band does not grow by the difference."""
    facts, bare = facts_of(plain(AnonPages=900000)), facts_of(plain())
    assert found(facts) == {"AnonPages": "contradictory"} and rest(facts) == rest(bare)
    assert facts["accounting"]["unaccounted_band_bytes"] == bare["accounting"]["unaccounted_band_bytes"]
    assert facts["host"]["memory_available_estimated"] is False


def test_parts_are_compared_with_their_whole():
    """Slab is the sum of its parts on every kernel; where it is not, the parts are taken and it is said."""
    facts = facts_of(plain(Slab=400000))
    [wrong] = facts["contradictions"]
    assert (wrong["counter"], wrong["value"], wrong["against"]) == ("Slab", 400000 * KIB, 80000 * KIB)
    assert wrong["taken"] == "SReclaimable + SUnreclaim"
    assert facts["dimensions"]["slab_unreclaimable_bytes"] == 40000 * KIB and rest(facts) == 100 * MIB
    # On old kernels the three counters are read one after the other.
    assert found(facts_of(plain(Slab=90000))) == {}


def test_reclaimable_memory_is_at_least_its_part():
    facts = facts_of(plain(KReclaimable=10000))
    assert found(facts) == {"KReclaimable": "contradictory"} and facts["dimensions"]["misc_bytes"] == 0


@pytest.mark.parametrize("field", ["MemAvailable", "MemFree", "Slab", "Percpu", "PageTables", "Hugetlb", "Cached"])
def test_nothing_is_more_than_ram(field):
    """Whatever the field, a value above MemTotal is named and used nowhere."""
    facts = facts_of(plain(**{field: 2000000}))
    assert field in found(facts)
    assert 2000000 * KIB not in [*facts["accounting"]["terms"].values(), *facts["dimensions"].values()]
    assert facts["host"]["memory_available_bytes"] != 2000000 * KIB


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"MemTotal": 4000}, "in which no Linux runs"),
        ({"MemTotal": 100000}, "smaller than its own parts MemFree and Cached"),
        ({"MemTotal": 400 << 30, "HighTotal": 200000, "LowTotal": 800000}, "more than a 32-bit kernel can use"),
        ({"HighTotal": 200000, "LowTotal": 100000}, "LowTotal and HighTotal add up to"),
    ],
)
def test_an_absurd_memtotal_leaves_nothing_to_judge(fields, words):
    """Shares of a wrong RAM are wrong shares."""
    facts = facts_of(plain(**fields))
    [wrong] = facts["contradictions"]
    assert wrong["counter"] == "MemTotal" and words in wrong["sentence"]
    assert all(value is None for value in facts["dimensions"].values())
    assert {facts["unavailable_class"][name] for name in ("unaccounted", "kernel_total")} == {"contradictory"}


def test_two_hundred_tib_are_no_fault_of_a_64_bit_kernel():
    assert found(facts_of(plain(MemTotal=200 << 30))) == {}
    assert found(facts_of(plain(MemTotal=200 << 30), machine="armv7l")) == {"MemTotal": "contradictory"}


def test_a_small_router_is_no_fault():
    """27 MiB of RAM is little and true."""
    fields = {"MemTotal": 27000, "MemFree": 8000, "Buffers": 500, "Cached": 6000, "AnonPages": 4000, "Slab": 4000}
    fields.update(SReclaimable=1000, SUnreclaim=3000, PageTables=300, VmallocTotal=1048372)
    assert found(facts_of(fields, machine="mips")) == {}


def test_a_short_copy_is_called_short_with_what_is_missing():
    """The first lines of a meminfo are no container and no kernel without counters."""
    facts = facts_of({"MemTotal": 16000000, "MemFree": 2000000, "MemAvailable": 9000000, "Buffers": 1000})
    [short] = facts["contradictions"]
    assert short["counter"] == "meminfo" and short["class"] == "damaged"
    assert short["sentence"] == "This copy of meminfo is incomplete: it has no Cached, Slab, PageTables, VmallocTotal."
    assert facts["platform"]["auditable"] is True
    assert facts["unavailable_class"]["slab_unreclaimable"] == "damaged"
    assert facts["unavailable_class"]["unaccounted"] == "damaged"


@pytest.mark.parametrize(
    "release, field, name, kind",
    [
        ("4.19.0-27-amd64", "Percpu", "percpu", "not_in_this_kernel"),
        ("4.18.0-80.11.2.el8", "VmallocUsed", "vmalloc", "not_in_this_kernel"),
        (None, "Percpu", "percpu", "not_in_this_kernel"),
        ("6.1.0-56-cloud-amd64", "Percpu", "percpu", "damaged"),
        ("5.14.0-570.el9", "VmallocUsed", "vmalloc", "damaged"),
        ("6.12.0", "MemAvailable", "memory_available_bytes", "damaged"),
        ("3.10.0-1160.el7", "KernelStack", "kernel_stack", "damaged"),
        ("2.6.18-128.el5", "KernelStack", "kernel_stack", "not_in_this_kernel"),
    ],
)
def test_what_a_kernel_never_had_is_told_from_what_is_gone(release, field, name, kind):
    """The first is excused by name; the second is no healthy host."""
    files = {OSRELEASE: release + "\n"} if release else {}
    changes = {field: None, **({"MemFree": None} if field == "MemAvailable" else {})}
    assert facts_of(plain(**changes), files=files)["unavailable_class"][name] == kind


def test_a_zero_that_no_running_kernel_has_is_a_contradiction_where_the_kernel_counts():
    facts = facts_of(plain(Percpu=0), files={OSRELEASE: "6.1.0\n"})
    assert facts["unavailable_class"]["percpu"] == "contradictory"
    assert facts_of(plain(Percpu=0))["unavailable_class"]["percpu"] == "not_in_this_kernel"


def test_a_remainder_below_its_band_is_never_a_value():
    facts = facts_of(plain(MemFree=900000))
    assert rest(facts) is None and facts["unavailable_class"]["unaccounted"] == "contradictory"
    assert facts["contradictions"][-1]["sentence"] == facts["unavailable"]["unaccounted"]


@pytest.mark.parametrize(
    "errors, live, kind",
    [
        ({}, True, "not_in_this_kernel"),
        ({}, False, "not_gathered"),
        ({"proc/loadavg": "EACCES"}, True, "not_readable"),
        ({"proc/loadavg": "deadline"}, True, "not_readable"),
        ({"proc/loadavg": "EIO"}, True, "not_readable"),
    ],
)
def test_files_that_gave_nothing_say_why(errors, live, kind):
    facts = facts_of(plain(), errors=errors, live=live)
    assert facts["unavailable_class"]["threads"] == kind and facts["unavailable"]["threads"].endswith(".")


def test_a_file_without_sense_is_damaged():
    facts = facts_of(plain(), files={"proc/loadavg": "!\n"})
    assert facts["unavailable_class"]["threads"] == "damaged"


def test_available_memory_is_estimated_where_a_kernel_does_not_tell_it():
    """MemFree and the pages of files: 512000 + 130000 + 71000; without page lists, the cache less what is shared."""
    facts = facts_of(plain(MemAvailable=None))
    assert facts["host"]["memory_available_bytes"] == 713000 * KIB
    assert facts["host"]["memory_available_estimated"] is True
    old = dict.fromkeys(("MemAvailable", "Active_file", "Inactive_file", "Active_anon", "Inactive_anon"))
    facts = facts_of(plain(Mapped=60000, **old))
    # 512000 free + 200000 cached + 1000 buffers - 60000 mapped
    assert facts["host"]["memory_available_bytes"] == 653000 * KIB
    assert facts_of(plain(**old))["host"]["memory_available_bytes"] is None


@pytest.mark.parametrize(
    ("fields", "against"),
    [({"MemTotal": 100000}, 512000), ({"HighTotal": 200000, "LowTotal": 100000}, 300000), ({"MemTotal": 4000}, None)],
)
def test_what_mem_total_is_held_against_is_told(fields, against):
    """Both numbers stand in the finding, so that the claim can be checked by hand."""
    [wrong] = facts_of(plain(**fields))["contradictions"]
    assert wrong["value"] == fields.get("MemTotal", 1048576) * 1024
    assert wrong["against"] > wrong["value"] if against is None else wrong["against"] == against * 1024


def test_available_memory_without_its_line_leaves_shared_memory_out():
    """Shmem can't be dropped; where a kernel does not count it, all that is mapped is left out."""

    def estimate(**fields):
        return facts_of(plain(MemAvailable=None, Active_file=None, Inactive_file=None, **fields))["host"]

    with_it, more = estimate(Shmem=10000), estimate(Shmem=30000)
    assert with_it["memory_available_bytes"] - more["memory_available_bytes"] == 20000 * 1024
    assert with_it["memory_available_estimated"] is True
