# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules over the fleet on anything that checked facts allow: they never raise, and no order of hosts matters."""

from __future__ import annotations

import copy
import json
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.caches import listings_of, top_caches
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.changes import changes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.groups import group_findings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import SimilarHosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.disproportion import (
    _Column,
    judge_similar_hosts,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.promotion import promote
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.robust_statistics import NORMAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.similar_hosts import environment_groups
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.uptime import uptime_findings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    MIB,
    NO_LEVEL,
    PARTS,
    SETTINGS,
    Fleet,
    as_in_audit,
    growth,
    subject,
)

FEW = replace(SETTINGS, similar_hosts=SimilarHosts(minimum=3, times_median=1.5, z=3))
SIZES = st.one_of(st.none(), st.integers(0, 2**53), st.sampled_from([0, 1, 100 * MIB, GIB, 2**53]))
WHOLE = {one.name for one in fields(Finding)}
Found = Mapping[str, Sequence[Finding]]
COUNTS = st.one_of(st.none(), st.integers(0, 2**40))
NAMES = st.one_of(st.sampled_from(["6.1.0", "6.12.0-1.el10", "x\n<b>", "", "."]), st.text(max_size=8))
CACHES = st.lists(
    st.fixed_dictionaries(
        {"name": st.one_of(st.none(), NAMES), "bytes": SIZES, "aliases": st.lists(NAMES, max_size=3)}
    ),
    max_size=4,
)


@st.composite
def hosts(draw):
    """A fleet of odd hosts with their findings: sizes, counts and names are anything, and often the same."""
    pool = draw(st.lists(st.integers(0, 2**45), min_size=1, max_size=4))
    fleet: list[Subject] = []
    found: dict[str, list[Finding]] = {}
    for number in range(draw(st.integers(0, 6))):
        changed = {
            f"{part}_bytes": draw(st.one_of(st.sampled_from(pool), SIZES)) for part in (*PARTS, "slab_reclaimable")
        }
        changed["unaccounted_bytes"] = draw(st.one_of(st.none(), st.integers(-(2**40), 2**45)))
        one = subject(
            f"h{number}",
            groups=draw(st.lists(st.sampled_from(["web", "db", "production", "\x1b"]), max_size=3)),
            settings=draw(st.sampled_from([SETTINGS, FEW])),
            memory_total_bytes=draw(st.one_of(st.just(64 * GIB), SIZES)),
            memory_low_total_bytes=draw(st.one_of(st.none(), st.just(GIB))),
            uptime_seconds=draw(st.one_of(COUNTS, st.floats(0, 1e6))),
            cpus_possible=draw(COUNTS),
            threads=draw(COUNTS),
            kernel_release=draw(st.one_of(st.none(), NAMES)),
            kernel_unreclaimable_bytes=draw(SIZES),
            unaccounted_band_bytes=draw(SIZES),
            vmalloc_meaning=draw(st.sampled_from(["pages", "area"])),
            terms=draw(
                st.dictionaries(
                    st.sampled_from(["active_anon_bytes", "inactive_anon_bytes", "anon_pages_bytes"]),
                    st.integers(-5, 2**45),
                )
            ),
            kubernetes_node=draw(st.sampled_from([True, None])),
            attribution={"slab_caches": {"complete": True, "reason": None, "caches": draw(CACHES)}},
            **changed,
        )
        fleet.append(one)
        found[one.name] = draw(st.lists(st.builds(growth, st.sampled_from(LIMITED)), max_size=2))
    return fleet, found


def everything(fleet: Sequence[Subject], found: Found) -> dict[str, Any]:
    """All answers over a fleet, as data that any order of it must share."""
    similar = {
        name: (judged.similar_hosts, judged.judgement.findings, judged.judgement.judged, judged.judgement.not_judged)
        for name, judged in judge_similar_hosts(fleet, found).items()
    }
    promoted = promote(fleet, found)
    audit = [as_in_audit(one, promoted.get(one.name) or found[one.name]) for one in fleet]
    answer = {
        "similar": dict(sorted(similar.items())),
        "promoted": dict(sorted(promoted.items())),
        "uptime": uptime_findings(fleet),
        "groups": plain(group_findings(audit)),
        "caches": top_caches(listings_of(fleet), environment_groups(fleet)),
        "changes": changes(audit, {}, "2026-11-23T12:00:00Z").as_plain(),
    }
    return json.loads(json.dumps(plain(answer), allow_nan=False))


@given(hosts(), st.integers(0, 99))
def test_any_fleet_gets_an_answer_and_no_order_matters(fleet_and_findings, seed):
    """Each host exactly once, every dimension judged or not with a reason, every finding whole."""
    fleet, found = fleet_and_findings
    shuffled = copy.deepcopy(fleet)
    random.Random(seed).shuffle(shuffled)
    answer = everything(fleet, found)
    assert answer == everything(shuffled, found)
    assert set(answer["similar"]) == {one.name for one in fleet}
    for others, findings, judged, not_judged in answer["similar"].values():
        assert set(judged) | set(not_judged) == set(LIMITED) and not set(judged) & set(not_judged)
        assert others is None or others >= 2
        assert all(reason.endswith(".") for reason in not_judged.values())
        for finding in findings:
            assert set(finding) == WHOLE and finding["severity"] in ("warning", "info")
            assert finding["value"] > finding["limit"] > 0
            assert finding["explanation"].isprintable() and finding["dimension"] in judged


def test_a_fleet_with_every_trouble_has_the_same_answer_in_any_order():
    """What random odd hosts rarely show: outliers, a kernel that leaks, growth on one kernel."""
    fleet = Fleet(3, spread=0.1, roles=4, kernels=3, memories=(64,))
    hosts = fleet.hosts(300)
    hosts += [fleet.host(900 + number, extra={"page_tables": 9 * GIB}) for number in range(3)]
    leak = [float(number % 40 + 1) for number in range(120)]
    hosts += [
        fleet.host(
            1000 + place,
            role="role0",
            kernel="7.0.0-bad",
            uptime_days=days,
            extra={"slab_unreclaimable": days * 100 * MIB},
        )
        for place, days in enumerate(leak)
    ]
    found: Found = {one.name: [] for one in hosts} | {one.name: [growth()] for one in hosts[-20:]}
    shuffled = copy.deepcopy(hosts)
    random.Random(1).shuffle(shuffled)
    answer = everything(hosts, found)
    assert answer == everything(shuffled, found)
    assert (
        [one["kernel"] for one in answer["uptime"]] == ["7.0.0-bad x86_64"]
        and len(answer["promoted"]) == 20
        and answer["groups"][0]["regression"]
    )
    assert sum(bool(findings) for _others, findings, _judged, _not_judged in answer["similar"].values()) >= 3


@given(st.lists(st.integers(100 * MIB, 900 * MIB), min_size=8, max_size=40), st.integers(2, 1000))
def test_the_share_counts_and_not_the_size(amounts, times):
    """A fleet of hosts that are all larger by the same factor has the same findings, where floors do not come in."""
    settings = replace(SETTINGS, level=dict.fromkeys(LIMITED, NO_LEVEL))

    def findings(factor):
        fleet = [
            subject(
                f"h{place}",
                settings=settings,
                slab_unreclaimable_bytes=amount * factor * 100,
                memory_total_bytes=64 * GIB * factor * 100,
            )
            for place, amount in enumerate(amounts)
        ]
        answer = judge_similar_hosts(fleet, {})
        return {
            name: [one.evidence["ratio"] for one in judged.judgement.findings if one.dimension == "slab_unreclaimable"]
            for name, judged in answer.items()
        }

    assert findings(2) == findings(2 * 2 ** (times % 8))


@given(st.lists(st.floats(-20, 0), min_size=2, max_size=30), st.integers(0, 29))
def test_the_quick_way_to_the_others_is_the_plain_one(numbers, place):
    """Median and spread without oneself, from lists that are sorted once."""
    own = numbers[place % len(numbers)]
    others = list(numbers)
    others.remove(own)
    column = _Column(sorted(numbers), 0.0)
    middle = column.median_of_others(own)
    assert middle == statistics.median(others)
    assert column.spread_of_others(own, middle) == NORMAL * statistics.median([abs(one - middle) for one in others])
