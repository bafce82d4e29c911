# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for facts: what is documented comes in and goes out unchanged, and anything else is refused by its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import NO_REASON, NOT_COUNTED_THEN
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, facts_of, healthy_facts

HOLDER = {
    "name": "hv_balloon",
    "kind": "balloon",
    "bytes": None,
    "explanation": "It gives memory back.",
    "how": None,
    "reason": "It has no counter.",
    "plausible_bytes": 60 * GIB,
}
CONTRADICTION = {
    "counter": "Inactive(file)",
    "class": "contradictory",
    "sentence": "It is more than all RAM.",
    "value": 99 * GIB,
    "against": 64 * GIB,
    "taken": "AnonPages + Cached + Buffers + SwapCached",
}
FACTS_OF_0_1_0 = Path(__file__).parent / "facts_of_0_1_0.json"
COUNTS = (
    "page_size_bytes",
    "cpus_possible",
    "cpus_online",
    "memory_total_bytes",
    "memory_available_bytes",
    "memory_low_total_bytes",
    "threads",
    "threads_limit",
    "cgroups",
)


def test_what_is_documented_comes_out_as_it_came_in():
    """The plain form is public: the audit, the gate and users' own templates read it."""
    given = healthy_facts(
        attribution=attribution(),
        holders=[HOLDER],
        terms={"free_bytes": GIB, "zram_bytes": None, "odd_bytes": -1},
        percpu_bytes=None,
        unavailable={"percpu_bytes": "This kernel has no Percpu line."},
        reasons=["A counter is missing."],
        evidence=["the CPU has no hypervisor flag"],
    )
    given["host"]["vmalloc_total_bytes"] = 32 * 1024 * GIB
    given |= {
        "unavailable_class": {"percpu_bytes": "not_in_this_kernel"},
        "contradictions": [CONTRADICTION],
        "limits": [{"name": "files", "value": 9, "limit": None, "unit": "files", "reason": "It has none."}],
        "modules": {"count": 9, "fingerprint": "7", "outside": [{"name": "mmfs26", "flags": "OE", "bytes": 4096}]},
        "huge_pages": {"total_bytes": GIB, "free_bytes": GIB, "reserved_bytes": 0},
        "owners": [["slab", "dentry", GIB], ["threads", "java", 900]],
        "saved": True,
    }
    plain = checked_facts(given).as_plain()
    # A run puts its own name on a record, which is no fact of the host.
    assert plain == {key: value for key, value in given.items() if key != "run_id"}
    assert checked_facts(plain).as_plain() == plain


def test_facts_of_the_first_release_are_read():
    """They lie in spools and exports: what they lack is not known, and the plain form is that of today."""
    given = json.loads(FACTS_OF_0_1_0.read_text(encoding="utf-8"))
    assert given["schema_version"] == 1
    facts = checked_facts(given)
    assert facts.machine.memory_total_bytes == given["host"]["memory_total_bytes"]
    assert facts.amounts["unaccounted"] == given["dimensions"]["unaccounted_bytes"]
    assert (facts.amounts["socket_buffers"], facts.unavailable["socket_buffers"]) == (None, NOT_COUNTED_THEN)
    assert (facts.saved, facts.contradictions, facts.limits, facts.owners) == (None, (), (), ())
    assert not facts.unavailable_class and facts.modules.outside == () and facts.huge_pages.total_bytes is None
    plain = facts.as_plain()
    assert plain["schema_version"] == 2
    assert checked_facts(plain).as_plain() == plain


@pytest.mark.parametrize("missing", ["host", "dimensions", "accounting", "platform"])
def test_facts_of_the_first_release_are_checked_all_the_same(missing: str):
    """An old spool can be as damaged as a new one."""
    given = json.loads(FACTS_OF_0_1_0.read_text(encoding="utf-8"))
    del given[missing]
    with pytest.raises(ValueError, match=rf"^facts\.{missing} "):
        checked_facts(given)


def test_facts_are_read_by_name():
    """Each class has what its section has."""
    facts = facts_of(holders=[HOLDER, {**HOLDER, "kind": "zfs", "name": None}])
    assert (facts.machine.threads, facts.platform.kind, facts.amounts["percpu"]) == (1000, "physical", 16 * MIB)
    assert (facts.amounts[TOTAL], facts.account.unaccounted_band_bytes) == (GIB, 64 * MIB)
    assert [holder.label for holder in facts.account.holders] == ["hv_balloon", "zfs"]
    assert [holder.name for holder in facts.account.holder_of("balloon")] == ["hv_balloon"]


def test_a_dimension_without_an_amount_always_has_a_reason():
    """Its own, by either name, or that there is none."""
    assert facts_of(percpu_bytes=None).why_unknown("percpu") == NO_REASON
    assert facts_of(percpu_bytes=None).unavailable == {"percpu": NO_REASON}
    for name in ("percpu", "percpu_bytes"):
        assert facts_of(percpu_bytes=None, unavailable={name: "Why."}).why_unknown("percpu") == "Why."


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("wrong", [0.5, 2.0, True, "1", -1, 2**63, []])
def test_counts_are_whole_numbers(name: str, wrong: object):
    """Half a CPU is a mistake of whoever made these facts, and no reason to round."""
    with pytest.raises(ValueError, match=rf"^facts\.host\.{name} is neither a whole number nor null\.$"):
        facts_of(**{name: wrong})


def test_only_the_uptime_may_be_a_fraction():
    """/proc/uptime has hundredths of a second."""
    assert facts_of(uptime_seconds=86400.25).machine.uptime_seconds == 86400.25
    with pytest.raises(ValueError, match=r"facts\.host\.uptime_seconds is neither a number from 0 up nor null"):
        facts_of(uptime_seconds=-1)


def test_only_the_remainder_may_be_below_zero():
    """It is a difference; every other amount is counted."""
    assert facts_of(unaccounted_bytes=-5).amounts["unaccounted"] == -5
    with pytest.raises(ValueError, match=r"facts\.dimensions\.percpu_bytes"):
        facts_of(percpu_bytes=-5)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"schema_version": 3}, "facts.schema_version"),
        ({"schema_version": True}, "facts.schema_version"),
        ({"host": None}, "facts.host"),
        ({"boot_id": 7}, "facts.host.boot_id"),
        ({"platform": []}, "facts.platform"),
        ({"kind": "toaster"}, "facts.platform.kind"),
        ({"auditable": None}, "facts.platform.auditable"),
        ({"container_host": "yes"}, "facts.platform.container_host"),
        ({"evidence": "one"}, "facts.platform.evidence"),
        ({"dimensions": 7}, "facts.dimensions"),
        ({"kernel_total_bytes": 0.5}, "facts.kernel_total_bytes"),
        ({"kernel_unreclaimable_bytes": "x"}, "facts.kernel_unreclaimable_bytes"),
        ({"bound": "about"}, "facts.accounting.bound"),
        ({"vmalloc_meaning": None}, "facts.accounting.vmalloc_meaning"),
        ({"terms": {"free_bytes": "x"}}, "facts.accounting.terms.free_bytes"),
        ({"terms": {7: 1}}, "facts.accounting.terms"),
        ({"holders": [7]}, "facts.accounting.holders"),
        ({"holders": [{**HOLDER, "kind": "dark"}]}, "facts.accounting.holders.kind"),
        ({"holders": [HOLDER] * 201}, "facts.accounting.holders"),
        ({"unavailable": {"percpu": 7}}, "facts.unavailable"),
        ({"collected_at": 7}, "facts.collected_at"),
        ({"duration_ms": -1}, "facts.duration_ms"),
        (
            {"unavailable": {"percpu": "Why."}, "unavailable_class": {"percpu": "lost"}},
            "facts.unavailable_class.percpu",
        ),
        ({"contradictions": [{**CONTRADICTION, "class": "odd"}]}, "facts.contradictions.kind"),
        ({"contradictions": {}}, "facts.contradictions"),
        ({"limits": [7]}, "facts.limits"),
        ({"modules": {"outside": 7}}, "facts.modules.outside"),
        ({"huge_pages": []}, "facts.huge_pages"),
        ({"owners": [["slab", "dentry"]]}, "facts.owners"),
        ({"owners": [["slab", None, 7]]}, "facts.owners"),
        ({"owners": [["slab", "dentry", 7]] * 101}, "facts.owners"),
        ({"saved": 1}, "facts.saved"),
    ],
)
def test_a_wrong_type_is_refused_by_its_path(changes: dict[str, Any], path: str):
    """Whoever made these facts finds the field; whoever reads the report sees that the host was not judged."""
    with pytest.raises(ValueError) as refused:
        facts_of(**changes)
    assert str(refused.value).startswith(path) and str(refused.value).endswith(".")


def test_unknown_fields_are_left_out_and_long_texts_are_cut():
    """Nothing that a host adds reaches the audit."""
    given = healthy_facts(kernel_release="6" * 5000)
    given["surprise"] = given["host"]["surprise"] = 1
    plain = checked_facts(given).as_plain()
    assert "surprise" not in repr(plain)
    assert len(plain["host"]["kernel_release"]) == 1000 and plain["host"]["kernel_release"].endswith("...")
