# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two ends on the controller are told, and which hosts that chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import arguments
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"hosts": 0}, "kernel_mem_audit_investigate_hosts is 0; give 1 or more."),
        ({"healthy": -1}, "kernel_mem_audit_investigate_healthy is -1; give 0 to 100."),
        ({"phase": "report"}, "plan is missing; give what the phase plan returned."),
    ],
)
def test_a_wrong_plan_is_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    """Before any host is touched."""
    told = {name: one.get("default") for name, one in arguments.argument_spec().items()}
    with pytest.raises(ValueError) as error:
        arguments.check({**told, "phase": "plan", **changed})
    assert str(error.value) == sentence


def arguments_of(**changed: Any) -> dict[str, Any]:
    """The defaults, but for what is changed."""
    told = {name: one.get("default") for name, one in arguments.argument_spec().items()}
    return {**told, "phase": "plan", **changed}


def test_without_an_audit_the_hosts_of_the_play_are_asked() -> None:
    """And nothing is known of their findings."""
    choice, run_id = arguments.choose(arguments_of(), ["a", "b"], "/")
    assert run_id is None
    assert arguments.plain_choice(choice, run_id) == {
        "hosts": ["a", "b"],
        "roles": {"a": "asked", "b": "asked"},
        "dimensions": {"a": [], "b": []},
        "notes": [],
        "audit_run_id": None,
        "audit": None,
    }


def test_with_an_audit_its_worst_hosts_are_asked_for_their_dimensions(tmp_path: Path) -> None:
    """A relative path starts at the working folder."""
    fleet = audit()
    (tmp_path / "audit.json").write_text(audit_json.render(read(fleet)))
    names = [host["name"] for host in fleet["hosts"]]
    choice, run_id = arguments.choose(arguments_of(audit="audit.json", hosts=3, healthy=1), names, str(tmp_path))
    told = arguments.plain_choice(choice, run_id)
    assert told["audit_run_id"] == fleet["run_id"]
    assert sorted(told["roles"].values()) == ["healthy", "sick", "sick", "sick"]
    assert any(told["dimensions"].values())
    with pytest.raises(ValueError, match="There is no file"):
        arguments.choose(arguments_of(audit="nowhere.json"), names, str(tmp_path))


def test_a_plan_comes_back_as_it_was_made() -> None:
    """Through a task's result, where it may have become other types."""
    choice, run_id = arguments.choose(arguments_of(), ["a"], "/")
    found = arguments.planned({**arguments.plain_choice(choice, run_id), "dest": "/x", "changed": False})
    assert (found.roles, found.notes, found.audit_run_id, found.dest) == ({"a": "asked"}, (), None, "/x")
    with pytest.raises(ValueError, match="give what the phase plan returned"):
        arguments.planned({"roles": []})
