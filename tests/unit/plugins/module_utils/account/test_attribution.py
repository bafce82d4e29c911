# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers worked by hand: who uses the memory, in bytes, and a reason for whatever is not there."""

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import (
    MOST_BYTES,
    attribution_of,
    fit,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import (
    FILES,
    HOST,
    MEMINFO,
    MIB,
    PARTS,
    ROWS,
    attribution,
    part_reading,
    without,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    meminfo,
    plain,
    reading,
)

WHOLE = attribution()


def changed(subset, **changes):
    """The attribution of a reading in which one part has other entries."""
    return attribution(parts=dict(PARTS, **{subset: dict(PARTS[subset], **changes)}))


def test_every_part_is_whole_and_has_no_reason():
    assert sorted(WHOLE) == sorted(list(ROWS) + ["pressure", "objects", "ipc"])
    assert all(WHOLE[name]["complete"] is True and WHOLE[name]["reason"] is None for name in WHOLE)
    assert (
        WHOLE["slab_caches"]["duration_ms"] == 2
        and WHOLE["thread_processes"]["duration_ms"] == 40
        and WHOLE["numa_nodes"]["duration_ms"] is None
    )


def test_users_of_keys():
    part = WHOLE["kernel_keys"]
    assert part["users"] == [{"uid": 0, "count": 8, "bytes": 40}, {"uid": 1000, "count": 6, "bytes": 90}]
    assert part["total"] == 14
    assert (
        attribution(live=True, uid=1000)["kernel_keys"]["reason"]
        == "A plain user sees its own keys only; become shows all."
    )
    files = {name: FILES[name] for name in FILES if name != "proc/key-users"}
    assert "key-users" in attribution(files=files)["kernel_keys"]["reason"]


@pytest.mark.parametrize(
    ("subset", "name", "error", "reason"),
    [
        (
            "slab",
            "slab_caches",
            "EACCES",
            "slabinfo is readable by root only (EACCES); use become, or look by hand with a sudo rule for cat "
            "/proc/slabinfo.",
        ),
        ("vmalloc", "vmalloc_callers", "EPERM", "vmallocinfo is readable by root only (EPERM); use become."),
        (
            "slab",
            "slab_caches",
            "ENOENT",
            "This kernel has no slabinfo (ENOENT); it may be built without CONFIG_SLUB_DEBUG.",
        ),
        (
            "cgroups",
            "cgroups",
            "deadline",
            "The collector's deadline came before it; give it more time with the option deadline.",
        ),
        ("numa", "numa_nodes", "EIO", "It could not be read (EIO)."),
        ("processes", "thread_processes", "too_large", "It is too large to be read."),
    ],
)
def test_what_was_refused_has_its_reason_and_no_data(subset, name, error, reason):
    part = attribution_of(without(subset, part_errors={subset: error}), MEMINFO, HOST)[name]
    assert (part["complete"], part["reason"]) == (False, reason)
    assert set(part) == {"complete", "reason", "duration_ms"}


@pytest.mark.parametrize("subset", sorted(PARTS))
@pytest.mark.parametrize("error", ["EACCES", "ENOENT", "deadline", "too_large", "EINVAL", "\x1b[2J", 7])
def test_every_part_has_a_sentence_for_every_error(subset, error):
    parts = attribution_of(without(subset, part_errors={subset: error}), MEMINFO, HOST)
    reasons = [parts[name]["reason"] for name in parts if not parts[name]["complete"]]
    assert reasons and all(reason.endswith(".") and "\x1b" not in reason for reason in reasons)


def test_what_was_not_needed_says_so_in_numbers():
    sizes = {"MemTotal": 1000 * MIB, "Slab": 9 * MIB, "PageTables": MIB}
    skipped = part_reading(
        parts={},
        part_skipped={"slab": "not_needed", "processes": "not_needed"},
        subsets=["slab", "processes"],
        files={},
    )
    parts = attribution_of(skipped, {"sizes": sizes}, dict(HOST, threads=238))
    assert parts["slab_caches"]["reason"] == "Not gathered, since slab is small (0.9 % of RAM)."
    assert (
        parts["thread_processes"]["reason"]
        == "Not gathered, since page tables are small (0.1 % of RAM) and there are only 238 threads."
    )


def test_what_nobody_asked_for_is_absent():
    asked = part_reading(parts={}, files={}, subsets=["numa"], part_skipped={"slab": "not_asked"})
    assert attribution_of(asked, MEMINFO, HOST) == {
        "numa_nodes": {"complete": False, "reason": "The host gave no answer for it.", "duration_ms": None}
    }
    assert attribution_of(reading(meminfo(**plain())), MEMINFO, HOST) == {}


@pytest.mark.parametrize(
    ("cut", "milliseconds", "reason"),
    [
        ("deadline", 2000, "Cut after 2 s; the list is of the processes seen until then."),
        ("deadline", 1250, "Cut after 1.2 s; the list is of the processes seen until then."),
        ("deadline", None, "Cut by the deadline; the list is of the processes seen until then."),
        ("limit", 5, "Cut at the collector's limit; the list is not of all processes."),
    ],
)
def test_what_was_cut_keeps_its_rows_and_says_so(cut, milliseconds, reason):
    part = attribution(part_cut={"processes": cut}, part_ms={"processes": milliseconds})["thread_processes"]
    assert (part["complete"], part["reason"], len(part["processes"])) == (False, reason, 2)


def test_zones_that_the_reader_had_no_room_for_are_said_to_be_missing():
    parts = attribution(part_cut={"pressure": "limit"})
    assert parts["fragmentation"]["reason"] == "Cut at the collector's limit; the list is not of all zones."
    assert parts["pressure"]["complete"] is True


def test_without_a_page_size_nothing_is_guessed():
    parts = attribution_of(part_reading(), MEMINFO, dict(HOST, page_size_bytes=None))
    assert (
        parts["slab_caches"]["reason"]
        == "The page size of this host is not known, so its pages can't be given in bytes."
    )
    assert (
        parts["fragmentation"]["zones"][1]["free_bytes"] is None
        and parts["fragmentation"]["zones"][1]["unusable_percent"] == 50.0
    )
    assert parts["objects"]["tcp_bytes"] is None


def test_several_reasons_are_sentences_beside_each_other():
    """What is lacking first, then what is odd."""
    part = changed("slab", bad_lines=3, pages=51201)["slab_caches"]
    assert part["reason"].startswith("3 lines could not be understood. The caches add up to more than Slab")


def test_facts_that_just_fit_stay_whole_and_one_byte_more_does_not():
    """What is dropped is said beside what was lacking already."""
    rows = [["x" * 64, number, 1] for number in range(100, 110)]
    parts = {"vmalloc_callers": changed("vmalloc", rows=rows, bad_lines=1)["vmalloc_callers"]}
    facts = {"attribution": parts, "padding": ""}
    facts["padding"] = "x" * (MOST_BYTES - len(json.dumps(facts, separators=(",", ":"))))
    fit(facts)
    assert len(parts["vmalloc_callers"]["callers"]) == 10
    facts["padding"] += "x"
    fit(facts)
    assert len(parts["vmalloc_callers"]["callers"]) == 9
    assert len(json.dumps(facts, separators=(",", ":"))) <= MOST_BYTES
    assert parts["vmalloc_callers"]["reason"] == (
        "1 lines could not be understood. Only the first 9 of callers are kept, so that the facts stay small."
    )
