# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of hosts in the form of older versions, as they are read today.

``rollout_of_form_1.json`` was written by the code of form 1 (healthy hosts of the unit tests): of five hosts one is
done, one could not be brought back into service, one is untouched, one was changed again after it was lost, one is
judged again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import Service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.migration import host_of_today
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.after import keep_after
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.batch import decide_batch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import keep_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.decide_before import decide_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.touch import keep_touch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.stored_form import host_record
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    LATER,
    NOON,
    after_look,
    before_look,
    gate_run,
    valid,
)

OLD = json.loads((Path(__file__).parent / "rollout_of_form_1.json").read_text())


def test_every_host_of_form_1_stands_where_it_stood() -> None:
    """A host that was begun may be half changed; one that is judged again was changed from the boot of its
    reference.
    """
    now = {name: host_record(document, name, "The file") for name, document in OLD["hosts"].items()}
    assert {name: record.state.value for name, record in now.items()} == {
        "web1": "in_service",
        "web2": "returning",
        "web3": "planned",
        "web4": "changing",
        "web5": "changing",
    }
    assert {record.attempt.boot_id for record in now.values() if record.attempt is not None} == {"old-boot"}
    assert now["web2"].service == Service("run-1", LATER, "Undrain: no route to host")
    assert now["web5"].reference == OLD["hosts"]["web5"]["reference"]


@pytest.mark.parametrize(
    ("old", "state"),
    [
        ({}, "planned"),
        ({"status": "unfit"}, "left_out"),
        ({"status": "refused"}, "judged"),
        ({"status": "bad", "allowed": True}, "failed"),
        ({"status": "begun", "after": {"outcome": "unreachable"}}, "back"),
        ({"status": "begun", "attempt": {"was_there": True}}, "back"),
        ({"status": "accepted"}, "accepted"),
        ({"status": "accepted", "in_service": False}, "accepted"),
        ({"status": "accepted", "attempt": {"was_there": True}}, "in_service"),
        ({"status": "overridden", "in_service": True}, "in_service"),
        ({"status": "overridden"}, "overridden"),
    ],
)
def test_each_status_of_form_1_has_a_state(old: dict[str, Any], state: str) -> None:
    """What is known of service is a part of it now."""
    made = host_of_today(old)
    assert (made["format"], made["state"]) == (2, state)
    assert made["is_overridden"] is (old.get("status") == "overridden") and made["is_allowed"] is ("allowed" in old)
    assert not {"status", "in_service", "allowed", "candidate"} & set(made)


def test_where_the_boot_of_before_is_not_known_any_more() -> None:
    """Then it can't be said that the host was rebooted, and no kernel is its old one."""
    again = {"run_id": "run-2", "taken_at": NOON, "boot_id": "new", "kernel": "6 x", "judged_again": True}
    made = host_of_today({"status": "refused", "attempt": again, "reference": None})
    assert made["attempt"] == {"run_id": "run-2", "taken_at": NOON, "boot_id": None, "kernel": ""}


@pytest.mark.parametrize("number", [0, 3, "2", None, [1]])
def test_a_form_that_is_not_known_is_refused(number: object) -> None:
    """It may mean something else."""
    with pytest.raises(ValueError, match="another version"):
        host_of_today({"format": number})


def test_a_rollout_of_form_1_goes_on_in_the_folder(tmp_path: Path) -> None:
    """The same command: who is done stays so, who is begun is judged or changed, who is out is brought back."""
    folder = tmp_path / "gate" / "rollout"
    (folder / "hosts").mkdir(parents=True)
    (folder / "rollout.json").write_text(json.dumps(OLD["rollout"]))
    (folder / "trail.jsonl").write_text("".join(json.dumps(line) + "\n" for line in OLD["trail"]))
    for name, document in OLD["hosts"].items():
        (folder / "hosts" / f"{name}.json").write_text(json.dumps(document))
    hosts = list(OLD["hosts"])
    lenient = policy_of({"environments": {"production": {"gate": {"maximum_bad_percent_in_all": 50}}}})
    run = gate_run(tmp_path, hosts, "run-3", policy=lenient)
    plan(run, serves=True)
    made = begin(run)
    assert (made.may_begin, list(made.todo), list(made.serve)) == (True, ["web3", "web4", "web5"], ["web2"])
    looks = {"web3": before_look(), "web4": before_look(), "web5": after_look()}
    rows = {name: keep_before(run, name, "production", one) for name, one in looks.items()}
    assert {name: row["judged_again"] for name, row in rows.items()} == {"web3": False, "web4": False, "web5": True}
    assert valid(decide_before(run))["decision"] == "pass"
    assert [keep_touch(run, name)["touch"] for name in looks] == [True, True, False]
    for name in looks:
        keep_after(run, name, [after_look()], None, 1)
    assert valid(decide_batch(run))["decision"] == "pass"
    assert {json.loads(path.read_text())["format"] for path in (folder / "hosts").iterdir()} == {1, 2}
