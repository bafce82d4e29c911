# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at hosts and gate runs, for tests of the gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import output as _gate_output
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.folder import GateFolder
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import (
    Attempt,
    HostRecord,
    Look,
    Settled,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.judgement import HostJudgement, Judge, Seen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.after import keep_after
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.batch import decide_batch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import keep_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.decide_before import decide_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.touch import keep_touch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.stored_form import host_document
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import (
    default_gate_settings,
    plain_gate_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import Policy, policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_gate import decision_lines
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, healthy_facts

NOON = "2026-11-24T12:00:00Z"
LATER = "2026-11-24T12:30:00Z"
POLICY = policy_of(None)


def settings(**changes: Any) -> dict[str, Any]:
    """The gate settings of production, changed."""
    return plain_gate_settings({**default_gate_settings("production"), **changes})


def before_look(taken_at: str = NOON, **changes: Any) -> Look:
    """A look at a quiet host on the old kernel."""
    return look(
        "facts",
        None,
        healthy_facts(**{"boot_id": "old-boot", "kernel_release": "5.10.0", "uptime_seconds": 40 * 86400, **changes}),
        taken_at,
    )


def after_look(taken_at: str = LATER, **changes: Any) -> Look:
    """A look at the same host on the new kernel, ten minutes up."""
    return look(
        "facts",
        None,
        healthy_facts(**{"boot_id": "new-boot", "kernel_release": "6.12.0", "uptime_seconds": 600, **changes}),
        taken_at,
    )


def lost_look(outcome: str = "unreachable", message: str | None = "no route to host") -> Look:
    """A look that came to nothing."""
    return look(outcome, message, None, LATER)


def changed_record(name: str = "web1", **after: Any) -> HostRecord:
    """A host that was changed and looked at."""
    return HostRecord(
        name,
        HostState.BACK,
        environment="production",
        reference=before_look(),
        attempt=Attempt("run-1", NOON, "old-boot", "5.10.0 x86_64"),
        after=after_look(**after),
        settled=Settled(True, None, 2),
        sick=False,
        run_id="run-1",
    )


def judgement(
    one: Look | None, policy: Policy = POLICY, name: str = "", groups: tuple[str, ...] = ()
) -> HostJudgement | None:
    """What the audit says of one look."""
    if one is None or one["outcome"] != "facts":
        return None
    return Judge(policy).judge([Seen(name, "production", groups, one["taken_at"], one["facts"])], NOON)[name]


def gate_run(folder: Path, hosts: list[str], run_id: str = "run-1", **changes: Any) -> GateRun:
    """A gate run over hosts, all of them in one batch."""
    given = {
        "folder": GateFolder(str(folder / "gate"), "rollout"),
        "run_id": run_id,
        "now": LATER,
        "policy": POLICY,
        "tool_version": "0.0",
        "targets": hosts,
        "batch": hosts,
        "actor": {"user": "operator"},
    }
    return GateRun(**{**given, **changes})


SICK = {"slab_unreclaimable_bytes": 12 * GIB, "kernel_unreclaimable_bytes": 13 * GIB}
"""Changes of a look that make a host critical."""

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
HOST_SCHEMA = json.loads((SCHEMAS / "rollout-host-2.schema.json").read_text())
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "decision-1.schema.json").read_text())


def valid(decision: dict[str, Any]) -> dict[str, Any]:
    """A decision that keeps its schema and can be shown in every form."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(decision)))
    ElementTree.fromstring(_gate_output.junit(decision))
    assert decision_lines(decision, "/x")[-1] == "DECISION   /x"
    assert len(json.dumps(_gate_output.stats(decision, "/x"))) < 8192
    return decision


def check_kept(run: GateRun) -> None:
    """What is kept of each host keeps its schema."""
    for record in run.folder.all_hosts():
        jsonschema.Draft202012Validator(HOST_SCHEMA).validate(json.loads(json.dumps(host_document(record))))


def begin_batch(run: GateRun, looks: dict[str, Look] | None = None) -> dict[str, Any]:
    """Begin a batch, look at its hosts, and decide whether it may be touched."""
    begun = begin(run)
    valid(begun.decision)
    if not begun.may_begin or not begun.todo:
        return begun.decision
    for name in run.batch:
        if looks is None or name in looks:
            keep_before(run, name, "production", (looks or {}).get(name) or before_look())
    decision = valid(decide_before(run))
    for name in run.batch:
        keep_touch(run, name)
    check_kept(run)
    return decision


def end_batch(run: GateRun, looks: dict[str, Look] | None = None) -> dict[str, Any]:
    """Look at the hosts of a batch that was changed, and decide."""
    for name in run.batch:
        if looks is None or name in looks:
            keep_after(run, name, [after_look(), (looks or {}).get(name) or after_look()], None, 1)
    decision = valid(decide_batch(run))
    check_kept(run)
    return decision


def decided(folder: Path, looks: dict[str, Look]) -> dict[str, Any]:
    """The decision on a batch whose hosts look so after their change."""
    run = gate_run(folder, list(looks))
    begin_batch(run)
    return end_batch(run, looks)


def codes(decision: dict[str, Any]) -> list[str]:
    """The codes of its reasons."""
    return [reason["code"] for reason in decision["reasons"]]
