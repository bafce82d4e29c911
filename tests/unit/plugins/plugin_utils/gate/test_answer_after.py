# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of one host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer_after import answer_after
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer_before import (
    answer_before,
    with_judgement,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import (
    Attempt,
    HostRecord,
    Settled,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    SICK,
    before_look,
    changed_record,
    judgement,
    lost_look,
    settings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB


def judged(
    record: HostRecord,
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
        was=judgement(record.reference),
        now=judgement(record.after),
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
    assert judged(replace(changed_record(), after=lost_look()), **accepting) == ("bad", ["unreachable"])
    assert judged(replace(changed_record(), after=None), **accepting) == ("bad", ["lost"])
    assert judged(replace(changed_record(), after=lost_look("failed", "odd"))) == ("bad", ["no_data"])
    assert judged(replace(changed_record(), after=lost_look("failed", "odd")), **accepting) == (
        "inconclusive",
        ["no_data"],
    )
    assert judged(replace(changed_record(), step_failed="dnf: no space"))[1] == ["step_failed"]


def test_new_and_worse_findings_block_and_old_ones_do_not() -> None:
    """Old: critical before and after. Worse: warning before, critical after."""
    sick = changed_record(**SICK)
    # The slab; the total that it is part of is the same finding.
    assert judged(sick, worse=None) == ("bad", ["new_finding"])
    assert judged(replace(sick, reference=before_look(**SICK))) == ("good", [])
    warning = before_look(slab_unreclaimable_bytes=7 * GIB)
    outcome, codes = judged(replace(sick, reference=warning), worse=None)
    assert outcome == "bad" and "worse_finding" in codes
    assert judged(changed_record(slab_unreclaimable_bytes=7 * GIB), worse=None, blocking_severity="critical") == (
        "good",
        ["new_finding"],
    )


def test_a_finding_that_is_over_is_a_cure() -> None:
    """The leak that the new kernel ended."""
    record = replace(changed_record(), reference=before_look(**SICK))
    answer = answer_after(record, settings(), was=judgement(record.reference), now=judgement(record.after))
    assert answer["outcome"] == "good"
    assert answer["cured"][0].startswith("Unreclaimable slab 12 GiB")


def test_a_host_that_has_not_settled_is_inconclusive_but_over_a_limit_is_bad() -> None:
    """A look in the middle of a movement proves no regression. A limit that is exceeded is exceeded."""
    noisy = Settled(False, "It still moves.", 3)
    assert judged(replace(changed_record(slab_unreclaimable_bytes=1900 * MIB), settled=noisy)) == (
        "inconclusive",
        ["not_settled", "worse"],
    )
    assert judged(replace(changed_record(**SICK), settled=noisy))[0] == "bad"


def test_learning_and_stale_are_what_the_policy_says() -> None:
    """Learning falls back to before/after by default; a look from two days before the reboot is too old."""
    strict = {"states": {**settings()["states"], "learning": "inconclusive"}}
    assert judged(changed_record(), **strict) == ("inconclusive", ["learning"])
    old = replace(changed_record(), reference=before_look(taken_at="2026-11-22T12:00:00Z"))
    assert judged(old) == ("bad", ["stale"])
    assert judged(old, stale_after_hours=72) == ("good", [])
    assert judged(replace(changed_record(), reference=lost_look())) == ("bad", ["no_reference"])


def test_a_host_judged_again_is_held_to_the_boot_and_the_kernel_of_before_its_change() -> None:
    """Whenever that was: one that somebody has booted into the old kernel since is not let through."""
    assert judged(changed_record(boot_id="third-boot")) == ("good", [])
    assert judged(changed_record(boot_id="third-boot", kernel_release="5.10.0")) == ("bad", ["old_kernel"])


def test_a_host_that_ran_the_wished_kernel_before_was_not_changed() -> None:
    """Its boot is the same as at its first look, and its past is not known."""
    there = Attempt("run-1", NOON, "new-boot", "6.12.0 x86_64", was_there=True)
    record = replace(changed_record(), attempt=there, reference=None)
    assert judged(record, "6.12.*") == ("inconclusive", ["unknown_past"])
