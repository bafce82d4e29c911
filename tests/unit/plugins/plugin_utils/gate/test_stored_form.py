# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as they are kept, and what is said of those that were damaged or edited."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord, Service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import (
    Batch,
    Release,
    RolloutRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.stored_form import (
    earlier_looks,
    host_document,
    host_record,
    rollout_document,
    rollout_record,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import LATER, NOON, changed_record

FULL = replace(
    changed_record(),
    state=HostState.RETURNING,
    service=Service("run-1", NOON, "It failed."),
    step_failed="dnf",
    is_allowed=True,
    waited_seconds=3,
)


def kept(record: HostRecord) -> dict[str, Any]:
    """A record as it comes back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(host_document(record)))
    return found


@pytest.mark.parametrize("record", [FULL, HostRecord("web1"), changed_record()])
def test_a_host_comes_back_as_it_was(record: HostRecord) -> None:
    """Every field."""
    assert host_record(kept(record), "web1", "The file") == record


def test_a_rollout_comes_back_as_it_was() -> None:
    """With its batches and a release."""
    batch = Batch(2, "run-1", NOON, ("a",), True, "fail", "It is bad.", LATER, ("percpu",), Release("So.", NOON, "r"))
    rollout = RolloutRecord("rollout", NOON, ("a", "b"), "6.*", True, True, True, ("percpu",)).with_batch(batch)
    assert rollout_record(json.loads(json.dumps(rollout_document(rollout))), "The file") == rollout


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "well"}, "'well' is no state of a host"),
        ({"state": 7}, "state is '7', and a text is needed"),
        ({"sick": "no"}, "sick is 'no', and true or false is needed"),
        ({"waited_seconds": True}, "waited_seconds is 'True', and a number is needed"),
        ({"reference": 5}, "reference is '5', and a mapping is needed"),
        ({"reference": {"outcome": "facts", "taken_at": NOON, "facts": {"host": {}}}}, "reference: "),
        ({"after": {"outcome": "facts", "taken_at": "yesterday", "facts": {}}}, "after: "),
        ({"attempt": {"run_id": "r", "taken_at": NOON}}, "attempt: kernel is 'None', and a text is needed"),
        ({"after_answer": {"outcome": "perfect"}}, "after_answer: 'perfect' is no outcome"),
        ({"after_answer": {"outcome": "good", "reasons": [{}]}}, "after_answer: code is 'None'"),
        ({"after_answer": {"outcome": "good", "comparison": {"dimensions": {"percpu": {"outcome": "more"}}}}}, ""),
        ({"after_answer": {"outcome": "good", "comparison": {"dimensions": 1}}}, "dimensions is '1'"),
        ({"format": 9}, "it is of another version"),
        ({"host": "web2"}, "The file is of the host web2, and not of web1"),
    ],
)
def test_what_is_wrong_with_a_host_is_said_in_a_sentence(changes: dict[str, Any], said: str) -> None:
    """Somebody has edited it, or half of it is gone."""
    document = {**kept(FULL), **changes}
    if not said:
        assert host_record(document, "web1", "The file").after_answer is not None
        return
    with pytest.raises(ValueError, match="begin a rollout of another name") as caught:
        host_record(document, "web1", "The file")
    assert said in str(caught.value) and str(caught.value).startswith("The file ")


@pytest.mark.parametrize(
    "document",
    [{}, {"rollout": "r"}, {"rollout": "r", "created_at": NOON, "targets": "web1"}, {"rollout": "r", "batches": [1]}],
)
def test_what_is_wrong_with_a_rollout_is_said_in_a_sentence(document: dict[str, Any]) -> None:
    """The same."""
    with pytest.raises(ValueError, match="The file can't be used: .*; restore it, or begin a rollout of another name"):
        rollout_record(document, "The file")


@pytest.mark.parametrize(
    "rows",
    [5, [5], [{"kernel": "5 x"}], [{"kernel": 5, "amounts": {}}], [{"kernel": "5 x", "amounts": {"percpu": "much"}}]],
)
def test_earlier_looks_that_were_edited_are_no_reference(rows: object) -> None:
    """Without a sentence a host would be compared with anything."""
    with pytest.raises(ValueError, match="The file can't be used: .*; restore it, or remove it"):
        earlier_looks(rows, "The file")
    good = {"boot_id": None, "kernel": "5 x", "uptime_seconds": 600.5, "amounts": {"percpu": 1, "vmalloc": None}}
    assert earlier_looks([good], "The file") == [good]
