# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MemTotal = everything that a counter names + unaccounted, with holders taken out and doubts said."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KERNELS,
    KIB,
    MIB,
    meminfo,
    plain,
    reading,
    sample,
)


def facts_of(fields, **more):
    return build_facts(reading(meminfo(**fields), **more))


def rest(facts):
    return facts["dimensions"]["unaccounted_bytes"]


def holders(facts):
    return {holder["name"]: holder["bytes"] for holder in facts["accounting"]["holders"]}


@pytest.mark.parametrize("kernel", KERNELS)
def test_terms_and_remainder_are_mem_total_to_the_byte_on_samples(kernel):
    facts = build_facts(sample(kernel))
    terms = facts["accounting"]["terms"]
    assert sum(terms.values()) + rest(facts) == facts["host"]["memory_total_bytes"]
    # A real quiet kernel's remainder is within the noise that we claim.
    assert 0 <= rest(facts) < facts["accounting"]["unaccounted_band_bytes"]


def test_every_term_of_the_kernel_is_its_dimension():
    facts = facts_of(plain())
    for name, value in facts["dimensions"].items():
        assert name == "unaccounted_bytes" or facts["accounting"]["terms"][name] == value


def test_per_cpu_lists_are_free_memory():
    # 151 of 165 MiB that seemed unaccounted on a busy host were there.
    assert rest(facts_of(plain(), sums={"pcp_pages": 5000})) == rest(facts_of(plain())) - 5000 * 4 * KIB


def test_without_zoneinfo_the_band_is_wider_and_says_so():
    known, unknown = facts_of(plain()), facts_of(plain(), sums={})
    assert rest(unknown) == rest(known)
    wider = unknown["accounting"]["unaccounted_band_bytes"] - known["accounting"]["unaccounted_band_bytes"]
    assert wider == 1048576 * KIB // 100
    assert any("zoneinfo" in reason for reason in unknown["accounting"]["reasons"])


def test_the_first_percpu_chunk_is_in_the_band():
    one, many = [facts_of(plain(), files={"sys/devices/system/cpu/possible": text}) for text in ("0\n", "0-9\n")]
    wider = many["accounting"]["unaccounted_band_bytes"] - one["accounting"]["unaccounted_band_bytes"]
    assert wider == 9 * 212 * KIB


def test_known_pages_of_vmstat_are_terms():
    text = "nr_zspages 1000\nnr_isolated_anon 3\nnr_isolated_file 4\nnr_memmap_pages 500\nnr_memmap_boot_pages 4096\n"
    facts = facts_of(plain(), files={"proc/vmstat": text})
    terms = facts["accounting"]["terms"]
    assert (terms["zspages_bytes"], terms["isolated_bytes"], terms["memmap_bytes"]) == (
        4000 * KIB,
        28 * KIB,
        2000 * KIB,
    )
    assert rest(facts) == 100 * MIB - (4000 + 28 + 2000) * KIB


def test_zram_is_measured_and_named():
    facts = facts_of(plain(), found=["module:zram"], files={"proc/vmstat": "nr_zspages 20000\n"})
    assert holders(facts) == {"zram": 80000 * KIB} and rest(facts) == 100 * MIB - 80000 * KIB


def test_zswap_counts_where_zspages_are_not_counted():
    facts = facts_of(plain(Zswap=30000, Zswapped=90000))
    assert facts["accounting"]["terms"]["zspages_bytes"] == 30000 * KIB and holders(facts) == {"zram": 30000 * KIB}


def test_huge_pages_of_all_sizes_where_meminfo_names_one():
    fields = plain(Hugetlb=None, HugePages_Total=2, Hugepagesize=2048, MemFree=400000)
    files = {
        "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "2\n",
        "sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages": "3\n",
        "sys/kernel/mm/hugepages/hugepages-x/nr_hugepages": "9\n",
    }
    assert facts_of(fields, files=files)["accounting"]["terms"]["hugetlb_bytes"] == (2 * 2048 + 3 * 32768) * KIB
    assert facts_of(fields)["accounting"]["terms"]["hugetlb_bytes"] == 2 * 2048 * KIB


def test_hyper_v_balloon_is_named_where_two_thirds_are_in_no_counter():
    # 8 GB guest: 5.4 GB (67.7 %) in no counter, hv_balloon loaded, nothing measurable without root.
    fields = plain(MemTotal=8000000, MemFree=1638424 + 512000 - 102400)
    facts = facts_of(fields, found=["module:hv_balloon"])
    # 8000000 - 2048024 free - (1048576 - 512000 - 102400 = 434176 in other counters) = 5517800; less what is free: as
    # is
    assert rest(facts) == (8000000 - 2048024 - 434176) * KIB
    assert rest(facts) > 0.67 * 8000000 * KIB
    assert holders(facts) == {"hv_balloon": None}
    assert "hypervisor" in facts["accounting"]["holders"][0]["explanation"]


def test_unaccepted_memory_that_is_free_already_is_not_taken_out_twice():
    assert rest(facts_of(plain(Unaccepted=300000))) == 100 * MIB
    assert rest(facts_of(plain(Unaccepted=50000))) == (102400 - 50000) * KIB


def test_zfs_scattered_buffers_are_taken_out_and_slabs_are_not():
    files = {
        "proc/spl/kstat/zfs/arcstats": "size 4 90000000\ndata_size 4 60000000\nmetadata_size 4 20000000\n",
        "proc/spl/kstat/zfs/abdstats": "scatter_data_size 4 50000000\nscatter_chunk_waste 4 1000000\n",
    }
    facts = facts_of(plain(), found=["module:zfs"], files=files)
    assert rest(facts) == 100 * MIB - 51000000 and holders(facts) == {"zfs": 51000000}


def test_zfs_without_scatter_counters_is_taken_out_with_a_wider_band():
    files = {"proc/spl/kstat/zfs/arcstats": "size 4 90000000\ndata_size 4 60000000\nmetadata_size 4 20000000\n"}
    facts, bare = facts_of(plain(), files=files), facts_of(plain())
    assert rest(facts) == 100 * MIB - 80000000
    assert facts["accounting"]["unaccounted_band_bytes"] == bare["accounting"]["unaccounted_band_bytes"] + 20000000


def test_zfs_that_says_nothing_is_named():
    assert holders(facts_of(plain(), found=["module:zfs"])) == {"zfs": None}


def test_graphics_and_drivers_are_suspects_by_name():
    facts = facts_of(plain(), found=["module:amdgpu", "module:ice", "module:unheard_of"])
    assert [(holder["name"], holder["kind"]) for holder in facts["accounting"]["holders"]] == [
        ("amdgpu", "gpu"),
        ("ice", "driver"),
    ]


def test_counters_that_contradict_each_other_give_no_remainder():
    facts = facts_of(plain(MemFree=900000))
    # 1048576 - 900000 - 434176 = -285600 KiB: 278 MiB too much, beyond the band of 64 MiB.
    assert rest(facts) is None and "278 MiB more than MemTotal" in facts["unavailable"]["unaccounted"]


def test_a_small_negative_remainder_is_noise_and_kept():
    # 102400 KiB - 110000 KiB = -7600 KiB
    assert rest(facts_of(plain(MemFree=512000 + 110000))) == -7600 * KIB


def test_page_lists_and_caches_that_differ_widen_the_band():
    # More pages in the caches than on the lists is possible: pages may be off the lists for good.
    facts, bare = facts_of(plain(AnonPages=300000, MemFree=400000)), facts_of(plain(MemFree=400000))
    # 301000 on the lists against 300000 + 200000 + 1000 in the caches
    assert facts["accounting"]["unaccounted_band_bytes"] == bare["accounting"]["unaccounted_band_bytes"] + 200000 * KIB
    assert any("differ by 195 MiB" in reason for reason in facts["accounting"]["reasons"])
    assert facts["contradictions"] == []


def test_without_free_memory_or_page_lists_there_is_no_remainder():
    gone = dict.fromkeys(("Active_anon", "AnonPages"), None)
    for fields in (plain(MemFree=None), plain(**gone)):
        facts = facts_of(fields)
        assert rest(facts) is None and facts["unavailable"]["unaccounted"].endswith(".")
        assert facts["kernel_total_bytes"] == 130176 * KIB


def test_bounce_and_fuse_pages_are_terms():
    facts = facts_of(plain(Bounce=100, WritebackTmp=20))
    assert rest(facts) == (102400 - 120) * KIB
    assert facts["accounting"]["terms"]["bounce_bytes"] == 100 * KIB


def test_graphics_memory_that_the_kernel_counts_is_taken_out():
    facts = facts_of(plain(GPUActive=5000, GPUReclaim=700), found=["module:xe"])
    assert rest(facts) == (102400 - 5700) * KIB and holders(facts) == {"xe": 5700 * KIB}


@pytest.mark.parametrize("field, share, size", [("KernelStack", 200, 0), ("VmallocUsed", 100, 30176)])
def test_a_missing_counter_widens_the_band_and_says_so(field, share, size):
    facts, bare = facts_of(plain(**{field: None})), facts_of(plain())
    wider = facts["accounting"]["unaccounted_band_bytes"] - bare["accounting"]["unaccounted_band_bytes"]
    assert wider == 1048576 * KIB // share
    # What is not counted is in the remainder (stacks stay inside VmallocUsed).
    assert rest(facts) == (102400 + size) * KIB
    assert any(field in reason for reason in facts["accounting"]["reasons"])


def test_the_band_is_never_more_than_all_memory():
    facts = facts_of(
        {"MemTotal": 27000, "MemFree": 8000, "Buffers": 500, "Cached": 6000, "AnonPages": 4000, "Slab": 4000}
        | {"SReclaimable": 1000, "SUnreclaim": 3000, "PageTables": 300, "VmallocTotal": 1048372}
    )
    assert facts["accounting"]["unaccounted_band_bytes"] == 27000 * KIB
