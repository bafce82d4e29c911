# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of one host."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import earlier_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host import (
    answer_after,
    answer_before,
    answer_check,
    look,
    with_judgement,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    SICK,
    after_look,
    before_look,
    changed_record,
    judgement,
    lost_look,
    settings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, healthy_facts


def judged(
    record: dict[str, Any],
    expected: str | None = None,
    earlier: Any = (),
    spreads: Any = None,
    alone: bool = False,
    **changes: Any,
) -> tuple[str, list[str]]:
    """The outcome of a changed host and the codes of its reasons."""
    answer = answer_after(
        record,
        settings(**changes),
        was=judgement(record["reference"]),
        now=judgement(record["after"]),
        expected_kernel=expected,
        earlier=earlier,
        spreads=spreads,
        alone=alone,
    )
    return answer["outcome"], [reason["code"] for reason in answer["reasons"]]


def before(one: dict[str, Any], **changes: Any) -> tuple[str, bool, list[str]]:
    """The answer before a change: outcome, whether it may be touched, codes."""
    answer, judged = answer_before(one, settings(**changes)), judgement(one)
    if judged is not None:
        answer = with_judgement(answer, judged, settings(**changes))
    return answer["outcome"], answer["may_touch"], [reason["code"] for reason in answer["reasons"]]


def test_a_healthy_host_is_fit_and_passes() -> None:
    """Nothing to say."""
    assert before(before_look()) == ("good", True, [])
    assert judged(changed_record()) == ("good", [])


def test_a_sick_host_may_be_touched() -> None:
    """The change may be its cure; it is marked as no reference."""
    one = before_look(**SICK)
    assert before(one) == ("good", True, ["sick"])
    judged = judgement(one)
    assert judged is not None
    assert with_judgement(answer_before(one, settings()), judged, settings())["sick"]


def test_what_makes_touching_a_host_unsafe() -> None:
    """It can't be reached, says nothing, is no kernel of its own, or has no memory left for an upgrade."""
    container = look("facts", None, healthy_facts(auditable=False, reason="It is a container."), NOON)
    assert before(lost_look()) == ("bad", False, ["unreachable"])
    assert before(lost_look("no_python", "no Python")) == ("bad", False, ["no_data"])
    assert before(container) == ("bad", False, ["no_data"])
    assert before(before_look(memory_available_bytes=GIB)) == ("bad", False, ["little_memory"])
    assert before(before_look(memory_available_bytes=GIB), minimum_available_percent=None) == ("good", True, [])
    accepting = {"states": {**settings()["states"], "unknown": "accept", "unreachable": "accept"}}
    assert before(lost_look("no_python"), **accepting) == ("good", True, ["no_data"])
    assert before(lost_look(), **accepting) == ("good", False, ["unreachable"])


def test_unreadable_facts_are_no_data() -> None:
    """A host may send anything."""
    one = look("facts", None, {"schema_version": 1, "host": 7}, NOON)
    assert (one["outcome"], one["facts"]) == ("unreadable", None)
    assert before(one)[0] == "bad"


@pytest.mark.parametrize(
    ("change", "expected", "answer"),
    [
        ({"boot_id": "old-boot"}, None, ("bad", ["not_rebooted"])),
        ({"boot_id": "old-boot", "kernel_release": "5.10.0"}, "6.*", ("bad", ["not_rebooted"])),
        ({"boot_id": None}, None, ("inconclusive", ["not_rebooted"])),
        ({"kernel_release": "5.10.0"}, None, ("bad", ["old_kernel"])),
        ({"kernel_release": "5.10.0"}, "5.10.0", ("good", [])),
        ({}, "6.13.*", ("bad", ["old_kernel"])),
        ({}, "6.12.*", ("good", [])),
    ],
)
def test_it_must_have_been_rebooted_into_the_other_kernel(
    change: dict[str, Any], expected: str | None, answer: tuple[str, list[str]]
) -> None:
    """The same boot id, the old kernel, and any kernel but the expected one are failures."""
    assert judged(changed_record(**change), expected) == answer


def test_a_host_that_does_not_come_back_is_bad_whatever_the_policy_says() -> None:
    """Unreachable after a reboot is no lack of data."""
    accepting = {"states": dict.fromkeys(settings()["states"], "accept")}
    assert judged({**changed_record(), "after": lost_look()}, **accepting) == ("bad", ["unreachable"])
    assert judged({**changed_record(), "after": None}, **accepting) == ("bad", ["lost"])
    assert judged({**changed_record(), "after": lost_look("failed", "odd")}) == ("bad", ["no_data"])
    assert judged({**changed_record(), "after": lost_look("failed", "odd")}, **accepting) == (
        "inconclusive",
        ["no_data"],
    )
    assert judged({**changed_record(), "step_failed": "dnf: no space"})[1] == ["step_failed"]


def test_new_and_worse_findings_block_and_old_ones_do_not() -> None:
    """Old: critical before and after. Worse: warning before, critical after."""
    sick = changed_record(**SICK)
    # The slab; the total that it is part of is the same finding.
    assert judged(sick, worse=None) == ("bad", ["new_finding"])
    assert judged({**sick, "reference": before_look(**SICK)}) == ("good", [])
    warning = before_look(slab_unreclaimable_bytes=7 * GIB)
    outcome, codes = judged({**sick, "reference": warning}, worse=None)
    assert outcome == "bad" and "worse_finding" in codes
    assert judged(changed_record(slab_unreclaimable_bytes=7 * GIB), worse=None, blocking_severity="critical") == (
        "good",
        ["new_finding"],
    )


def test_a_finding_that_is_over_is_a_cure() -> None:
    """The leak that the new kernel ended."""
    record = {**changed_record(), "reference": before_look(**SICK)}
    answer = answer_after(record, settings(), was=judgement(record["reference"]), now=judgement(record["after"]))
    assert answer["outcome"] == "good"
    assert answer["cured"][0].startswith("Unreclaimable slab 12 GiB")


def test_a_jump_of_one_host_is_worse_only_where_it_is_large() -> None:
    """Twice as much and 2 % of RAM (1311 MiB of 64 GiB), both; caches never."""
    assert judged(changed_record(slab_unreclaimable_bytes=1824 * MIB)) == ("bad", ["worse"])
    assert judged(changed_record(slab_unreclaimable_bytes=1820 * MIB)) == ("good", [])
    assert judged(changed_record(unaccounted_bytes=2000 * MIB, slab_unreclaimable_bytes=513 * MIB))[1] == ["worse"]
    assert judged(changed_record(slab_reclaimable_bytes=30 * GIB)) == ("good", [])
    assert judged(changed_record(slab_unreclaimable_bytes=1900 * MIB), worse=None) == ("good", [])


def test_a_small_number_never_fails() -> None:
    """Ten times the page tables, and still less than noise."""
    assert judged(changed_record(percpu_bytes=160 * MIB)) == ("good", [])


def test_less_than_a_long_boot_but_more_than_usual_after_ten_minutes_is_worse() -> None:
    """The point of equal uptime."""
    past = earlier_of(after_look(boot_id="past", kernel_release="5.10.0", slab_unreclaimable_bytes=300 * MIB)["facts"])
    record = {
        **changed_record(slab_unreclaimable_bytes=1900 * MIB),
        "reference": before_look(slab_unreclaimable_bytes=4 * GIB),
    }
    assert judged(record) == ("good", [])
    assert judged(record, earlier=[past]) == ("bad", ["worse"])


def test_a_host_is_held_against_the_spread_of_its_pool() -> None:
    """Its own is small by chance; and the larger a pool, the more of its spreads a host may go."""
    pasts = [
        earlier_of(
            after_look(boot_id=f"past-{mib}", kernel_release="5.10.0", slab_unreclaimable_bytes=mib * MIB)["facts"]
        )
        for mib in (395, 400, 400, 405)
    ]
    record = changed_record(slab_unreclaimable_bytes=2600 * MIB)
    assert judged(record, earlier=pasts)[0] == "bad"
    assert judged(record, earlier=pasts, spreads={"slab_unreclaimable": 0.3, "kernel_unreclaimable": 0.3})[0] == "good"
    spreads = {"slab_unreclaimable": 0.29, "kernel_unreclaimable": 0.29}
    assert judged(record, earlier=pasts, spreads=spreads, alone=True)[0] == "bad"


def test_a_host_that_has_not_settled_is_inconclusive_but_over_a_limit_is_bad() -> None:
    """A look in the middle of a movement proves no regression. A limit that is exceeded is exceeded."""
    noisy = {"is_settled": False, "reason": "It still moves.", "looks": 3}
    assert judged({**changed_record(slab_unreclaimable_bytes=1900 * MIB), "settled": noisy}) == (
        "inconclusive",
        ["not_settled", "worse"],
    )
    assert judged({**changed_record(**SICK), "settled": noisy})[0] == "bad"


def test_learning_and_stale_are_what_the_policy_says() -> None:
    """Learning falls back to before/after by default; a look from two days before the reboot is too old."""
    strict = {"states": {**settings()["states"], "learning": "inconclusive"}}
    assert judged(changed_record(), **strict) == ("inconclusive", ["learning"])
    old = {**changed_record(), "reference": before_look(taken_at="2026-11-22T12:00:00Z")}
    assert judged(old) == ("bad", ["stale"])
    assert judged(old, stale_after_hours=72) == ("good", [])
    assert judged({**changed_record(), "reference": lost_look()}) == ("bad", ["no_reference"])


def test_a_host_judged_again_needs_no_second_reboot() -> None:
    """It was rebooted in an earlier run of the rollout."""
    record = changed_record()
    record["attempt"] = {**record["attempt"], "boot_id": "new-boot", "judged_again": True}
    assert judged(record) == ("good", [])


def test_check_judges_what_is_there_now() -> None:
    """For pipelines that gate a fleet and no change."""

    def check(one: dict[str, Any], **changes: Any) -> str:
        return str(answer_check(one, judgement(one), settings(**changes))["outcome"])

    assert check(before_look()) == "good"
    assert check(before_look(**SICK)) == "bad"
    assert check(before_look(slab_unreclaimable_bytes=7 * GIB)) == "bad"
    assert check(before_look(slab_unreclaimable_bytes=7 * GIB), blocking_severity="critical") == "good"
    assert check(lost_look()) == "bad"
