# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as it goes out: where each host is, and what it was judged without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import Verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decision import (
    decision_of,
    policy_digest,
    state_of,
    undecided,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    POLICY,
    before_look,
    changed_record,
    gate_run,
    lost_look,
    valid,
)


def test_where_a_host_is_by_its_kernel() -> None:
    """Untouched, on the new or the old kernel, or not seen since it was touched."""
    record = changed_record()
    assert state_of(HostRecord("web1"), None) == "untouched"
    assert state_of(record, None) == "new"
    assert state_of(replace(record, after=before_look()), None) == "old"
    assert state_of(replace(record, after=lost_look()), None) == "unknown"
    assert [state_of(replace(record, reference=None), wish) for wish in (None, "6.*")] == ["unknown", "new"]


def test_a_decision_says_with_what_hosts_could_not_be_judged(tmp_path: Path) -> None:
    """Each thing once; none of them decides."""
    run = gate_run(tmp_path, ["web1"], history_note="No history today.")
    run.remarks.extend(["Judged without profiles.", "Judged without profiles."])
    decision = valid(decision_of(run, "check", Verdict(), {"web1": changed_record()}, {}))
    assert [(one["code"], one["sentence"]) for one in decision["reasons"]] == [
        ("no_history", "No history today."),
        ("judged_without", "Judged without profiles."),
    ]
    assert decision["decision"] == "pass"


def test_what_is_on_disk_before_a_decision_is_no_pass() -> None:
    """It is valid as any decision is."""
    assert valid(undecided("rollout", "run-1", "0.0", NOON))["decision"] == "inconclusive"


def test_the_digest_of_a_policy_follows_its_rules() -> None:
    """A decision is traced to them by it."""
    other = policy_of({"environments": {"production": {"gate": {"maximum_bad_percent": 50}}}})
    assert policy_digest(POLICY) == policy_digest(policy_of(None)) != policy_digest(other)
