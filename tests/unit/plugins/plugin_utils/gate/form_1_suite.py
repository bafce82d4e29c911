# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout whose state was kept in the form of before, in a history: it goes on where it stood. For each engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.served import keep_service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.store import StoredRollout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.rollout import Step
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import gate_run
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite

OLD = json.loads((Path(__file__).parent / "rollout_of_form_1.json").read_text())
LENIENT = policy_of({"environments": {"production": {"gate": {"maximum_bad_percent_in_all": 50}}}})


class Form1Suite(Suite):
    """Whoever takes it in has the fixture ``kept``."""

    def test_a_rollout_of_form_1_goes_on_in_the_store(self, kept: SqlStore, tmp_path: Path) -> None:
        """Its rows are read as they are, and each is written in the form of today when something becomes of it."""
        rollout = {name: value for name, value in OLD["rollout"].items() if name != "format"}
        step = Step("operator", "rollout")
        kept.rollouts.begin("rollout", "", state="under way", policy_digest="", document=json.dumps(rollout), step=step)
        for line in OLD["trail"]:
            kept.rollouts.note("rollout", Step("operator", line["event"], json.dumps(line)))
        for name, record in OLD["hosts"].items():
            document = json.dumps({key: value for key, value in record.items() if key != "format"})
            kept.rollouts.add_hosts("rollout", [name], state=record["status"], document=document, step=step)
        folder = StoredRollout(str(tmp_path / "gate"), "rollout", kept.rollouts, "operator", "the-history")
        run = replace(gate_run(tmp_path, list(OLD["hosts"]), "run-3", policy=LENIENT), folder=folder)
        plan(run, serves=True)
        made = begin(run)
        assert (made.may_begin, list(made.todo), list(made.serve)) == (True, ["web3", "web4", "web5"], ["web2"])
        keep_service(run, "web2", None)
        found = kept.rollouts.host("rollout", "web2")
        assert found is not None and found.state == HostState.IN_SERVICE.value
        assert json.loads(found.document)["format"] == 2 and "status" not in json.loads(found.document)
        untouched = kept.rollouts.host("rollout", "web1")
        assert untouched is not None and json.loads(untouched.document)["status"] == "accepted"
