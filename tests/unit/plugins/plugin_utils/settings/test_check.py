# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one check of all settings: every mistake at once, names included, and what is only worth a remark."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.check import Checked, check_settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.environments import HostGroups
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.given import GivenSettings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.places import Place


def checked(
    folder: Path, entry: str = "audit", hosts: dict[str, dict[str, object]] | None = None, **by_hand: object
) -> Checked:
    """What the check of a run says that is given settings by hand, and hosts that have some in their variables."""
    run = {f"kernel_mem_audit_{name}": value for name, value in by_hand.items()}
    given = GivenSettings(run, frozenset(run), hosts or {})
    groups = HostGroups({host: ["web"] for host in hosts or {}})
    return check_settings(given, groups, Place(entry, str(folder), {}))


def test_without_settings_there_is_nothing_to_say(tmp_path: Path) -> None:
    """None is required."""
    found = checked(tmp_path)
    assert found.mistakes == [] and found.notes == [] and found.refusal() is None


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Nobody mends one, waits for the queue, and finds the next."""
    (tmp_path / "policy.yml").write_text("environments: {production: {limits: {slab: none}}}\nwaiver: []\n")
    found = checked(
        tmp_path,
        polcy="x.yml",
        timeout="soon",
        transport="fast",
        policy="policy.yml",
        outputs="report.htm",
        serial="lots",
    )
    assert len(found.mistakes) == 7
    refusal = found.refusal() or ""
    assert refusal.startswith("No host was touched, since 7 settings are wrong:\n  1. kernel_mem_audit_polcy")
    assert "did you mean report.html?" in refusal and "line 1" in refusal and "line 2" in refusal


def test_one_mistake_is_one_sentence(tmp_path: Path) -> None:
    """No list of one."""
    assert checked(tmp_path, timeout=0).refusal() == (
        "No host was touched: kernel_mem_audit_timeout is 0, but must be a whole number of seconds, 1 or more."
    )


def test_a_mistake_of_hosts_names_them(tmp_path: Path) -> None:
    """It is looked for where it stands."""
    hosts: dict[str, dict[str, object]] = {f"web{number}": {"kernel_mem_audit_timeout": "soon"} for number in range(5)}
    (mistake,) = checked(tmp_path, hosts=hosts).mistakes
    assert "is 'soon' on web0, web1, web2 and 2 more, but must be" in mistake


def test_hosts_may_differ_where_hosts_are_asked_and_not_where_the_run_is_one(tmp_path: Path) -> None:
    """A policy of half the hosts would be silently ignored for the other half, or for all."""
    of_hosts = {"a": {"kernel_mem_audit_timeout": 5}, "b": {"kernel_mem_audit_timeout": 50}, "c": {}}
    assert checked(tmp_path, hosts=of_hosts).mistakes == []
    (mistake,) = checked(
        tmp_path, hosts={"a": {"kernel_mem_audit_fail_on": "critical"}, "b": {"kernel_mem_audit_fail_on": "unknown"}}
    ).mistakes
    assert "is one value for the whole run, but 'critical' on a and 'unknown' on b" in mistake
    (mistake,) = checked(tmp_path, hosts={"a": {"kernel_mem_audit_fail_on": "critical"}, "b": {}}).mistakes
    assert "is set for 1 of 2 hosts only" in mistake
    everywhere = {"kernel_mem_audit_fail_on": "critical"}
    assert checked(tmp_path, hosts={"a": everywhere, "b": everywhere}).mistakes == []


@pytest.mark.parametrize("name", ["hosts", "serial"])
def test_what_ansible_reads_before_the_inventory_can_t_stand_there(name: str, tmp_path: Path) -> None:
    """It would be ignored without a word."""
    (mistake,) = checked(tmp_path, hosts={"a": {f"kernel_mem_audit_{name}": "50%"}}).mistakes
    assert "is set in the inventory, where Ansible reads it too late" in mistake


def test_settings_of_another_playbook_are_a_remark_if_given_by_hand(tmp_path: Path) -> None:
    """An inventory serves all playbooks; a command line is meant for one."""
    found = checked(tmp_path, gate_dir="x")
    assert found.mistakes == []
    assert found.notes == [
        "kernel_mem_audit_gate_dir means nothing to audit; it is a setting of gate, rolling_upgrade, rollout_free."
    ]
    assert checked(tmp_path, hosts={"a": {"kernel_mem_audit_gate_dir": "x"}}).notes == []
    # Nor is its value looked at.
    assert checked(tmp_path, hosts={"a": {"kernel_mem_audit_within_days": "x"}}).mistakes == []


def test_an_environment_by_hand_has_to_be_one(tmp_path: Path) -> None:
    """prd is production without a word else."""
    (mistake,) = checked(tmp_path, environment="prd").mistakes
    assert "'prd' is not in the policy" in mistake
    assert checked(tmp_path, environment="staging").mistakes == []
    found = checked(tmp_path, hosts={"a": {"kernel_mem_audit_environment": "prd"}})
    assert found.mistakes == []


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """The message goes to logs."""
    (mistake,) = checked(tmp_path, "deliver", slack="hooks.example.org/geheim").mistakes
    assert "geheim" not in mistake and "not shown here" in mistake


def test_empty_values_are_no_values(tmp_path: Path) -> None:
    """AWX sends surveys that nobody filled in as empty texts."""
    assert checked(tmp_path, policy="", timeout="", outputs="", environment=" ").mistakes == []


def test_a_template_that_comes_to_nothing_is_a_mistake_of_the_run_and_not_of_hosts(tmp_path: Path) -> None:
    """A host's own template may need what only the host knows."""
    broken = {"kernel_mem_audit_policy": "'x' is undefined", "kernel_mem_audit_timeout": "'y' is undefined"}
    given = GivenSettings(dict.fromkeys(broken), unreadable=broken)
    found = check_settings(given, HostGroups({}), Place("audit", str(tmp_path), {}))
    assert found.mistakes == ["kernel_mem_audit_policy can't be worked out: 'x' is undefined"]
