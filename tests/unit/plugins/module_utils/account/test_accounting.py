# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dimensions of real kernels (samples) and of old or other ones (made by hand), worked out on paper."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KIB,
    meminfo,
    plain,
    reading,
    sample,
)

COUNTED = [
    "slab_reclaimable_bytes",
    "slab_unreclaimable_bytes",
    "vmalloc_bytes",
    "kernel_stack_bytes",
    "page_tables_bytes",
    "secondary_page_tables_bytes",
    "percpu_bytes",
    "socket_buffers_bytes",
    "misc_bytes",
]


def facts_of(fields, **more):
    return build_facts(reading(meminfo(**fields), **more))


def in_kib(facts):
    """The nine counted dimensions and unaccounted, in KiB."""
    values = [facts["dimensions"][name] for name in COUNTED + ["unaccounted_bytes"]]
    return [None if value is None else value // KIB for value in values]


# All in KiB. total = SReclaimable + SUnreclaim + (VmallocUsed - KernelStack) + KernelStack + PageTables + Percpu
#                     + 4 * pages of TCP and UDP;
# unaccounted = MemTotal - MemFree - (Active(anon) + Inactive(anon) + Active(file) + Inactive(file) + Unevictable)
#               - total - 4 * pcp pages.
GOLDEN = [
    # 7788 + 5356 + (5428 - 752) + 752 + 252 + 292 + 4*4 = 19132
    # 744388 - 679840 - (20 + 7920 + 11468 + 13764) - 19132 - 4*80 = 11924
    ("5.10.0-46-cloud-amd64", [7788, 5356, 4676, 752, 252, 0, 292, 16, 0, 11924], 19132),
    # 9860 + 7964 + (5548 - 1008) + 1008 + 252 + 536 = 24160
    # 738308 - 669152 - (20 + 7836 + 11428 + 13928) - 24160 - 4*2130 = 3264
    ("6.1.0-56-cloud-amd64", [9860, 7964, 4540, 1008, 252, 0, 536, 0, 0, 3264], 24160),
    # 1344 + 8924 + (5604 - 1152) + 1152 + 564 + 552 = 16988
    # 732836 - 675452 - (7816 + 0 + 21264 + 4116) - 16988 - 4*995 = 3220
    ("6.12.118+deb13-cloud-amd64", [1344, 8924, 4452, 1152, 564, 0, 552, 0, 0, 3220], 16988),
    # 654272 + 383836 + (92580 - 88368) + 88368 + 461560 + 1000 + 4*130 = 1593768
    # 24683656 - 9815908 - (66852 + 7272796 + 2145460 + 3729304 + 15620) - 1593768 - 4*8845 = 8568
    ("6.18-host", [654272, 383836, 4212, 88368, 461560, 0, 1000, 520, 0, 8568], 1593768),
    # 1368 + 9228 + (9544 - 1008) + 1008 + 680 + 276 = 21096
    # 727312 - 657748 - (7844 + 0 + 0 + 29688) - 21096 - 4*898 = 7344
    ("7.3.4+deb13-cloud-amd64", [1368, 9228, 8536, 1008, 680, 0, 276, 0, 0, 7344], 21096),
]


@pytest.mark.parametrize("kernel, dimensions, total", GOLDEN, ids=[row[0] for row in GOLDEN])
def test_samples_of_real_kernels(kernel, dimensions, total):
    facts = build_facts(sample(kernel))
    assert in_kib(facts) == dimensions
    assert facts["kernel_total_bytes"] == total * KIB == sum(dimensions[:9]) * KIB
    assert facts["kernel_unreclaimable_bytes"] == (total - dimensions[0]) * KIB
    assert facts["accounting"]["bound"] == "exact"
    assert facts["accounting"]["vmalloc_meaning"] == "pages" and facts["accounting"]["stacks_in_vmalloc"] is True
    assert facts["host"]["architecture"] == "x86_64" and facts["host"]["page_size_bytes"] == 4096


def test_a_plain_kernel_counts_everything_once():
    facts = facts_of(plain())
    # misc = KReclaimable 42000 - SReclaimable 40000; vmalloc = 33176 - 3000 of stacks.
    assert in_kib(facts) == [40000, 40000, 30176, 3000, 8000, 0, 7000, 0, 2000, 102400]
    assert facts["kernel_total_bytes"] == 130176 * KIB
    assert facts["kernel_unreclaimable_bytes"] == (130176 - 40000 - 2000) * KIB
    assert facts["unavailable"].keys().isdisjoint(name[: -len("_bytes")] for name in COUNTED)


# RHEL 7 (3.10): VmallocUsed is address space there, and Percpu is there only on the later minor releases.
RHEL7 = {
    "MemTotal": 4000000,
    "MemFree": 1000000,
    "Buffers": 1000,
    "Cached": 1499000,
    "SwapCached": 0,
    "Active_anon": 400000,
    "Inactive_anon": 100000,
    "Active_file": 1000000,
    "Inactive_file": 500000,
    "Unevictable": 0,
    "AnonPages": 500000,
    "Slab": 600000,
    "SReclaimable": 400000,
    "SUnreclaim": 200000,
    "KernelStack": 16000,
    "PageTables": 50000,
    "VmallocTotal": 34359738367,
    "VmallocUsed": 1118464,
    "VmallocChunk": 34358000000,
    "HugePages_Total": 10,
    "Hugepagesize": 2048,
}


@pytest.mark.parametrize("percpu", [23744, None])
def test_rhel_7_address_space_is_never_memory(percpu):
    fields = dict(RHEL7, **({"Percpu": percpu} if percpu else {}))
    facts = facts_of(fields)
    # total = 400000 + 200000 + 16000 + 50000 = 666000 (+ 23744); the 1118464 of VmallocUsed count nowhere.
    # rest = 4000000 - 1000000 free - 2000000 lists - 666000 - 10*2048 huge pages = 313520 (- 23744)
    assert in_kib(facts) == [400000, 200000, None, 16000, 50000, 0, percpu, 0, 0, 313520 - (percpu or 0)]
    assert facts["kernel_total_bytes"] == (666000 + (percpu or 0)) * KIB
    assert facts["accounting"]["bound"] == "lower"
    assert facts["accounting"]["vmalloc_meaning"] == "area" and facts["accounting"]["stacks_in_vmalloc"] is False
    assert "address space" in facts["unavailable"]["vmalloc"]
    assert ("percpu" in facts["unavailable"]) is (percpu is None)


def test_rhel_8_0_a_zero_is_no_value():
    fields = dict(RHEL7, VmallocUsed=0, VmallocChunk=0)
    facts = facts_of(fields)
    # Without vmalloc memory the stacks are added by themselves: 400000 + 200000 + 16000 + 50000.
    assert facts["kernel_total_bytes"] == 666000 * KIB
    assert facts["accounting"]["vmalloc_meaning"] == "unavailable" and facts["accounting"]["stacks_in_vmalloc"] is None
    assert facts["accounting"]["bound"] == "lower"
    assert set(facts["unavailable"]) >= {"vmalloc", "percpu"}
    assert facts["dimensions"]["vmalloc_bytes"] is None and facts["dimensions"]["percpu_bytes"] is None


def test_2_6_18_slab_is_one_number_and_the_total_has_it():
    facts = facts_of(
        {
            "MemTotal": 2000000,
            "MemFree": 500000,
            "Buffers": 100000,
            "Cached": 600000,
            "SwapCached": 1000,
            "Active": 900000,
            "Inactive": 300000,
            "HighTotal": 0,
            "LowTotal": 2000000,
            "AnonPages": 499000,
            "Mapped": 80000,
            "Slab": 150000,
            "PageTables": 30000,
            "VmallocTotal": 34359738367,
            "VmallocUsed": 260000,
            "VmallocChunk": 34359400000,
        }
    )
    # total = 150000 + 30000; rest = 2000000 - 500000 - (499000 + 600000 + 100000 + 1000) - 180000 = 120000
    assert in_kib(facts) == [None, None, None, None, 30000, 0, None, 0, 0, 120000]
    assert facts["kernel_total_bytes"] == 180000 * KIB and facts["kernel_unreclaimable_bytes"] is None
    assert facts["accounting"]["terms"]["slab_bytes"] == 150000 * KIB
    assert facts["accounting"]["bound"] == "lower"
    assert "as a whole" in facts["unavailable"]["slab_unreclaimable"]
    assert set(facts["unavailable"]) >= {
        "slab_reclaimable",
        "kernel_unreclaimable",
        "kernel_stack",
        "percpu",
        "vmalloc",
    }
    assert facts["host"]["memory_low_total_bytes"] is None, "without high memory there is no low memory to judge by"
    assert facts["host"]["vmalloc_total_bytes"] is None, "so much address space never runs short"


def test_32_bit_with_high_memory_names_its_low_memory():
    facts = facts_of(plain(HighTotal=200000, LowTotal=848576, VmallocTotal=114680), machine="i686")
    assert facts["host"]["memory_low_total_bytes"] == 848576 * KIB
    assert facts["host"]["vmalloc_total_bytes"] == 114680 * KIB
    # i686 kernels can't have stacks in vmalloc memory: 33176 + 3000 are both added.
    assert facts["accounting"]["stacks_in_vmalloc"] is False and facts["accounting"]["bound"] == "exact"
    assert facts["dimensions"]["vmalloc_bytes"] == 33176 * KIB
    assert facts["kernel_total_bytes"] == (130176 + 3000) * KIB


def test_ppc64le_has_large_pages_and_stacks_apart():
    facts = facts_of(plain(), machine="ppc64le", page_size=65536, sums={"pcp_pages": 100})
    assert facts["accounting"]["stacks_in_vmalloc"] is False
    assert facts["accounting"]["terms"]["pcp_free_bytes"] == 100 * 64 * KIB
    # 102400 - 3000 (stacks are added by themselves) - 6400 on the per-CPU lists
    assert facts["dimensions"]["unaccounted_bytes"] == 93000 * KIB


def test_s390x_has_stacks_inside():
    facts = facts_of(plain(VmallocTotal=134217728), machine="s390x")
    assert facts["accounting"]["stacks_in_vmalloc"] is True and facts["accounting"]["bound"] == "exact"
    assert any("s390x" in reason for reason in facts["accounting"]["reasons"])


def test_an_unknown_architecture_is_an_estimate_that_counts_nothing_twice():
    known, unknown = facts_of(plain()), facts_of(plain(), machine="loongarch64")
    assert unknown["accounting"]["stacks_in_vmalloc"] is None and unknown["accounting"]["bound"] == "estimate"
    assert unknown["kernel_total_bytes"] == known["kernel_total_bytes"]
    wider = unknown["accounting"]["unaccounted_band_bytes"] - known["accounting"]["unaccounted_band_bytes"]
    assert wider == 3000 * KIB


@pytest.mark.parametrize("sign, inside", [("config:VMAP_STACK=y", True), ("config:VMAP_STACK=n", False)])
def test_the_build_configuration_decides_before_the_architecture(sign, inside):
    for machine in ("x86_64", "armv7l"):
        facts = facts_of(plain(), found=[sign], machine=machine)
        assert facts["accounting"]["stacks_in_vmalloc"] is inside
        assert facts["accounting"]["bound"] == "exact" and facts["accounting"]["reasons"] == []
        assert facts["kernel_total_bytes"] == (130176 + (0 if inside else 3000)) * KIB


def test_arithmetic_overrules_a_configuration_of_another_kernel():
    facts = facts_of(plain(KernelStack=40000), found=["config:VMAP_STACK=y"])
    assert facts["accounting"]["stacks_in_vmalloc"] is False and facts["dimensions"]["vmalloc_bytes"] == 33176 * KIB


def test_kernels_that_count_vmalloc_in_vmstat_only():
    facts = facts_of(plain(VmallocUsed=None, VmallocChunk=None), files={"proc/vmstat": "nr_vmalloc 8294\n"})
    assert facts["accounting"]["vmalloc_meaning"] == "pages"
    assert facts["dimensions"]["vmalloc_bytes"] == (8294 * 4 - 3000) * KIB


@pytest.mark.parametrize("value", [0, None])
@pytest.mark.parametrize(
    "field, name", [("KernelStack", "kernel_stack"), ("Percpu", "percpu"), ("VmallocUsed", "vmalloc")]
)
def test_zero_or_absent_is_null_with_a_reason_and_a_lower_bound(field, name, value):
    """What a kernel does not tell lowers the total, and says so."""
    facts = facts_of(plain(**{field: value}))
    assert facts["dimensions"][name + "_bytes"] is None
    assert facts["unavailable"][name].endswith(".")
    assert facts["unavailable_class"][name] == "not_in_this_kernel"
    assert facts["accounting"]["bound"] == "lower"
    assert facts["kernel_total_bytes"] == sum(facts["dimensions"][key] or 0 for key in COUNTED)


@pytest.mark.parametrize(
    "field, name",
    [("KernelStack", "kernel_stack"), ("PageTables", "page_tables"), ("Percpu", "percpu"), ("VmallocUsed", "vmalloc")],
)
def test_more_than_ram_is_null_and_so_are_the_sums_that_need_it(field, name):
    """A total without a part that the kernel counts would be a fall that never happened."""
    facts = facts_of(plain(**{field: 2000000}))
    for missing in (name, "kernel_total", "kernel_unreclaimable", "unaccounted"):
        assert facts["unavailable_class"][missing] == "contradictory"
        assert field in facts["unavailable"][missing]
    assert facts["dimensions"][name + "_bytes"] is facts["kernel_total_bytes"] is None


def test_lines_that_kernels_may_lack_are_zero_not_null():
    facts = facts_of(plain(SecPageTables=None, KReclaimable=None))
    assert facts["dimensions"]["secondary_page_tables_bytes"] == 0 and facts["dimensions"]["misc_bytes"] == 0
    assert facts["accounting"]["bound"] == "exact"


def test_misc_has_what_is_in_no_other_dimension():
    facts = facts_of(plain(Quicklists=2554, ShadowCallStack=44, SecPageTables=5000))
    assert facts["dimensions"]["misc_bytes"] == (2000 + 2554 + 44) * KIB
    assert facts["dimensions"]["secondary_page_tables_bytes"] == 5000 * KIB
    # Only the reclaimable 2000 of misc leave the graded number.
    assert facts["kernel_unreclaimable_bytes"] == (130176 + 2554 + 44 + 5000 - 40000 - 2000) * KIB


def test_without_slab_nothing_is_said_about_the_rest():
    facts = facts_of(plain(Slab=0, SReclaimable=0, SUnreclaim=0, KReclaimable=0))
    assert facts["dimensions"]["slab_reclaimable_bytes"] is None and facts["dimensions"]["unaccounted_bytes"] is None
    assert "Slab" in facts["unavailable"]["unaccounted"]


def test_without_any_counter_there_is_no_total():
    facts = facts_of({"MemTotal": 1000, "MemFree": 500})
    assert facts["kernel_total_bytes"] is None and facts["kernel_unreclaimable_bytes"] is None
    assert set(facts["unavailable"]) >= {"kernel_total", "kernel_unreclaimable", "unaccounted"}


def test_new_fields_are_reported():
    assert facts_of(plain(RbinTotal=1, AFuture=2))["accounting"]["unknown_fields"] == ["AFuture", "RbinTotal"]


def test_a_meminfo_that_can_not_be_true_has_the_shape_of_any_other():
    """Whoever reads the accounts of ten thousand hosts meets the same names on each."""
    sound, wrong = facts_of(plain()), facts_of(plain(MemTotal=4000))
    assert sorted(wrong["accounting"]) == sorted(sound["accounting"]) and wrong["accounting"]["bound"] == "lower"
    assert sorted(wrong["dimensions"]) == sorted(sound["dimensions"])
    assert wrong["accounting"]["stacks_in_vmalloc"] is wrong["accounting"]["sockets_in_slab_bytes"] is None


def test_stacks_that_do_not_fit_into_vmalloc_memory_are_said_to_be_outside():
    """The total counts both then; whoever adds it up sees why."""
    said = facts_of(plain(VmallocUsed=100, KernelStack=200))["accounting"]["reasons"]
    assert "Kernel stacks are not in vmalloc memory: VmallocUsed is smaller than KernelStack." in said


@pytest.mark.parametrize(("release", "kind"), [("6.12.0", "damaged"), ("2.6.18", "not_in_this_kernel")])
def test_a_slab_without_its_parts_is_damage_only_where_the_kernel_has_them(release, kind):
    """Kernels before 2.6.19 never told them; a newer one lost a line."""
    fields = plain(SReclaimable=None, SUnreclaim=None, KReclaimable=None)
    facts = facts_of(fields, files={"proc/sys/kernel/osrelease": release + "\n"})
    assert facts["unavailable_class"]["slab_unreclaimable"] == kind
