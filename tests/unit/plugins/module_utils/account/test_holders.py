# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A holder excuses what was measured of it, never what it might hold: amounts, how they are known, plausible ones."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.holders_table import KINDS
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import MODULES
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KIB,
    MIB,
    case,
    meminfo,
    plain,
    reading,
)

FEATURES = "sys/bus/virtio/drivers/virtio_balloon/virtio3/features"
RAM = 1048576 * KIB
# 51200 pages of 4 KiB: 200 MiB.
INFLATED = "balloon_inflate 60000\nballoon_deflate 8800\n"


def facts_of(fields=None, found=(), files=None, release=None, **more):
    files = dict(files or {})
    if release:
        files["proc/sys/kernel/osrelease"] = release + "\n"
    return build_facts(reading(meminfo(**(fields or plain())), found=list(found), files=files, **more))


def rest(facts):
    return facts["dimensions"]["unaccounted_bytes"]


def band(facts):
    return facts["accounting"]["unaccounted_band_bytes"]


def holder(facts, name):
    [found] = [one for one in facts["accounting"]["holders"] if one["name"] == name]
    return found


def bits(*on):
    return "".join("1" if number in on else "0" for number in range(64)) + "\n"


@pytest.mark.parametrize("megabytes", [0, 150, 8200, 8400, 41000])
def test_a_balloon_outside_of_mem_total_never_changes_what_is_unaccounted(megabytes):
    """MemTotal has moved already; taken out again, the balloon would hide as much that is really lost."""
    files = {"proc/vmstat": f"balloon_inflate {megabytes * 256}\nballoon_deflate 0\n", FEATURES: bits(0, 1)}
    facts = facts_of(found=["module:virtio_balloon"], files=files)
    assert rest(facts) == 100 * MIB and band(facts) == band(facts_of())
    assert holder(facts, "virtio_balloon")["bytes"] == megabytes * MIB


def test_a_balloon_that_may_deflate_is_inside_and_taken_out():
    """Bit 2 of the features: then MemTotal stays as it is."""
    files = {"proc/vmstat": "balloon_inflate 20000\nballoon_deflate 0\n", FEATURES: bits(1, 2)}
    facts = facts_of(found=["module:virtio_balloon"], files=files)
    assert rest(facts) == 100 * MIB - 20000 * 4 * KIB and band(facts) == band(facts_of())


def test_where_it_is_not_known_the_doubt_belongs_to_the_band():
    facts = facts_of(found=["module:virtio_balloon"], files={"proc/vmstat": INFLATED})
    assert rest(facts) == 100 * MIB and band(facts) == band(facts_of()) + 200 * MIB
    assert any("widens the band" in reason for reason in facts["accounting"]["reasons"])


@pytest.mark.parametrize("name", ["device", "features"])
def test_a_saved_tree_names_the_balloon_by_its_device(name):
    """Copies of /sys/bus/virtio/devices are plain folders; only the one of device 5 is a balloon."""
    folder = "sys/bus/virtio/devices/"
    files = {
        "proc/vmstat": INFLATED,
        folder + "virtio0/device": "0x0001\n",
        folder + "virtio0/features": bits(2),
        folder + "virtio1/device": "0x0005\n",
        folder + "virtio1/features": bits(1),
    }
    facts = facts_of(files=files)
    assert holder(facts, "virtio_balloon")["bytes"] == 200 * MIB and band(facts) == band(facts_of())
    del files[folder + "virtio1/" + name]
    facts = facts_of(found=["module:virtio_balloon"], files=files)
    assert band(facts) == band(facts_of()) + 200 * MIB


@pytest.mark.parametrize("text", ["", "01", "0" * 300, "0120" * 16])
def test_feature_bits_of_a_wrong_form_are_not_known(text):
    files = {"proc/vmstat": INFLATED, FEATURES: text}
    assert band(facts_of(found=["module:virtio_balloon"], files=files)) == band(facts_of()) + 200 * MIB


@pytest.mark.parametrize(
    "release, counters, measured",
    [
        ("6.1.0-56-amd64", "balloon_inflate 0\nballoon_deflate 0\n", 0),
        ("6.1.0-56-amd64", "balloon_inflate 20000\nballoon_deflate 0\n", 20000 * 4 * KIB),
        ("4.18.0-553.el8", "balloon_inflate 0\nballoon_deflate 0\n", None),
        ("6.1.0-56-amd64", "nr_free_pages 1\n", None),
        (None, "balloon_inflate 0\nballoon_deflate 0\n", None),
    ],
)
def test_the_balloon_of_vmware_counts_itself_since_5_4(release, counters, measured):
    """0 there is an answer; on older kernels it is none, and the plausible amount is VMware's own limit."""
    facts = facts_of(found=["module:vmw_balloon"], files={"proc/vmstat": counters}, release=release)
    found = holder(facts, "vmw_balloon")
    assert found["bytes"] == measured
    assert (found["how"] is None) is (found["reason"] is not None) is (measured is None)
    assert found["plausible_bytes"] == (RAM * 65 // 100 if measured is None else None)
    assert rest(facts) == 100 * MIB - (measured or 0)


@pytest.mark.parametrize(
    "module, release, taken",
    [("vmw_balloon", "6.18.0", True), ("hv_balloon", "6.18.0", False), ("xen_balloon", "6.18.0", False)],
)
def test_balloons_in_meminfo_are_counted_for_every_driver(module, release, taken):
    """Since 6.16 all drivers count there. VMware's never lowers MemTotal, the others do."""
    facts = facts_of(plain(Balloon=90000), found=["module:" + module], release=release)
    assert holder(facts, module)["bytes"] == 90000 * KIB and band(facts) == band(facts_of())
    assert rest(facts) == 100 * MIB - (90000 * KIB if taken else 0)
    assert holder(facts_of(plain(Balloon=0), found=["module:" + module]), module)["bytes"] == 0


def test_pages_of_2_mib_that_only_vmstat_counts_are_the_larger_number():
    facts = facts_of(
        plain(Balloon=100), found=["module:vmw_balloon"], files={"proc/vmstat": INFLATED}, release="6.18.0"
    )
    assert holder(facts, "vmw_balloon")["bytes"] == 200 * MIB


@pytest.mark.parametrize("name", ["hv_balloon", "xen_balloon"])
def test_other_balloons_do_not_count_in_vmstat(name):
    """Their 0 is no answer; the sentence says who knows."""
    files = {"proc/vmstat": "balloon_inflate 0\nballoon_deflate 0\n"}
    found = holder(facts_of(found=["module:" + name], files=files), name)
    assert found["bytes"] is None and "administrator" in found["reason"]


def test_a_balloon_without_a_driver_that_we_know_is_doubt():
    facts = facts_of(plain(Balloon=50000))
    assert holder(facts, "balloon")["kind"] == "balloon" and band(facts) == band(facts_of()) + 50000 * KIB


def test_zram_is_measured_by_its_own_file_where_vmstat_has_no_count():
    """The third number of mm_stat is what it takes of memory."""
    stat = "    4096       74    12288        0    12288        0        0        0        0\n"
    facts = facts_of(found=["module:zram"], files={"sys/block/zram0/mm_stat": stat, "sys/block/zram1/mm_stat": stat})
    assert holder(facts, "zram") == {
        "name": "zram",
        "kind": "zram",
        "bytes": 24576,
        "how": "mm_stat: mem_used_total",
        "reason": None,
        "plausible_bytes": None,
        "explanation": "zram keeps compressed pages.",
    }
    assert rest(facts) == 100 * MIB - 24576
    assert holder(facts_of(found=["module:zram"]), "zram")["bytes"] is None


def test_graphics_drivers_are_measured_where_they_say_what_they_hold():
    """amdgpu tells what its clients have of RAM; the kernel counts for all that share its allocator since 7.x."""
    files = {
        "sys/class/drm/card0/device/mem_info_gtt_used": "20971520\n",
        "sys/class/drm/card1/device/mem_info_gtt_used": "1048576\n",
    }
    facts = facts_of(found=["module:amdgpu", "module:i915"], files=files)
    assert holder(facts, "amdgpu")["bytes"] == 21 * MIB and rest(facts) == 79 * MIB
    # An idle onboard GPU is not half of RAM: its buffers are files in memory.
    assert holder(facts, "i915")["plausible_bytes"] == 256 * MIB
    facts = facts_of(plain(GPUActive=5000, GPUReclaim=700), found=["module:amdgpu", "module:nvidia"])
    assert holder(facts, "amdgpu")["bytes"] == 5700 * KIB and holder(facts, "nvidia")["bytes"] is None


def test_more_than_fits_is_said_and_not_taken_out():
    files = {"sys/class/drm/card0/device/mem_info_gtt_used": str(900 * MIB) + "\n"}
    facts = facts_of(found=["module:amdgpu"], files=files)
    assert rest(facts) == 100 * MIB
    assert any("not inside the rest of MemTotal" in reason for reason in facts["accounting"]["reasons"])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_line_of_the_table_has_a_source_and_a_bound(name):
    """What can't be measured is bounded by something that can be looked up, or by judgement that says so."""
    row = KINDS[name]
    assert row.source and row.words.endswith(".") and row.kind in ("balloon", "gpu", "driver", "zfs", "zram")
    for ram in (256 * MIB, 16 << 30, 8 << 40):
        assert 0 <= row.plausible_bytes(ram, 8) <= 0.9 * ram or row.plausible_bytes(ram, 8) == ram < 1 << 30
    assert name in MODULES.split() or name in ("balloon", "gpu")


def test_rings_are_bounded_by_queues():
    """A network card of a small machine has few queues; none has more than 64."""
    ice = KINDS["ice"]
    assert ice.plausible_bytes(64 << 30, 4) == 4 * 32 * MIB
    assert ice.plausible_bytes(8 << 40, 512) == ice.plausible_bytes(8 << 40, None) == 64 * 32 * MIB


@pytest.mark.parametrize("name, held", [("unaccounted-behind-balloon-driver", "vmw_balloon")])
def test_a_loaded_module_alone_is_no_amount(name, held):
    """13.8 of 15.5 GiB are gone; what VMware's balloon may take is less than that."""
    facts, twin = build_facts(case(name)), build_facts(case("unaccounted-without-balloon-driver"))
    assert rest(facts) == rest(twin) and band(facts) == band(twin)
    found = holder(facts, held)
    assert found["bytes"] is None and found["plausible_bytes"] < rest(facts)


@pytest.mark.parametrize(("release", "wider"), [("5.10.0", True), ("5.11.0", False), ("6.11.0", False)])
def test_the_balloon_of_hyper_v_lowers_mem_total_since_5_11(release, wider):
    """Before, nobody knows whether it did, and the doubt belongs to the band."""
    facts = facts_of(plain(Balloon=20480), found=["module:hv_balloon"], release=release)
    assert (band(facts) - band(facts_of(release=release)) == 20 * MIB) is wider


def test_graphics_memory_is_a_term_whoever_counts_it():
    """A kernel that counts it and a driver that is not known, a driver that tells it, and one that says nothing."""
    counted = facts_of(plain(GPUActive=5000, GPUReclaim=700))
    assert counted["accounting"]["terms"]["gpu_bytes"] == 5700 * KIB == holder(counted, "gpu")["bytes"]
    files = {"sys/class/drm/card0/device/mem_info_gtt_used": "1048576\n"}
    told = facts_of(found=["module:amdgpu"], files=files)
    assert told["accounting"]["terms"]["gpu_bytes"] == MIB
    silent = holder(facts_of(found=["module:nvidia"]), "nvidia")
    assert silent["bytes"] is None and silent["reason"] == "This driver does not say what it holds of RAM."


def test_a_holder_that_can_not_be_read_says_so():
    """Otherwise ZFS would look like a module that takes nothing."""
    silent = holder(facts_of(found=["module:zfs"]), "zfs")
    assert silent["bytes"] is None and silent["reason"] == "The statistics of ZFS could not be read."


def test_what_is_counted_and_holds_nothing_is_named_with_0():
    """A loaded zram without pages is no suspect."""
    idle = facts_of(found=["module:zram"], files={"sys/block/zram0/mm_stat": "0 0 0 0 0 0 0 0 0\n"})
    assert holder(idle, "zram")["bytes"] == 0
    assert holder(idle, "zram")["explanation"].startswith("It is counted by the kernel and holds nothing.")
