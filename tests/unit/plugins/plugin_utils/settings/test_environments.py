# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about environments: names that are none, hosts judged by default, environments that nobody is in."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.environments import (
    HostGroups,
    environment_notes,
)

BUILT_IN = policy_of(None)


def fleet(**groups: int) -> dict[str, list[str]]:
    """Hosts by group: as many as each says."""
    return {f"{group}{number}": [group] for group, hosts in groups.items() for number in range(hosts)}


def test_groups_that_look_like_environments_are_named_with_what_to_write() -> None:
    """The first hour with groups env_prod, env_stage, env_dev: all is production, and nothing says so."""
    (note,) = environment_notes(HostGroups(fleet(production=60, env_stage=20, env_dev=20)), BUILT_IN)
    assert note.startswith("40 of 100 hosts are judged as production by default")
    assert "env_dev (20), env_stage (20)" in note
    assert note.endswith("environments: {development: {groups: [env_dev]}, staging: {groups: [env_stage]}}")


def test_what_is_proposed_is_a_policy() -> None:
    """Who copies the line has what he wants."""
    hosts = HostGroups(fleet(env_prod=3, stg_web=2, lab=1))
    (note,) = environment_notes(hosts, BUILT_IN)
    import yaml

    policy = policy_of(yaml.safe_load(note.split("write into the policy: ")[1]), "policy.yml")
    assert environment_notes(hosts, policy) == []
    assert policy.environment_of(["stg_web"])[0] == "staging"


def test_a_fleet_without_such_groups_is_told_nothing() -> None:
    """Production by default is right for most, and a remark each night is noise."""
    assert environment_notes(HostGroups(fleet(web=50, db=10)), BUILT_IN) == []
    assert environment_notes(HostGroups(fleet(production=5, staging=5)), BUILT_IN) == []
    # Words inside of words are no environments.
    assert environment_notes(HostGroups(fleet(producers=5, devices=5, hostages=2, latest=3)), BUILT_IN) == []


def test_hosts_that_a_policy_of_ones_own_forgets_are_named() -> None:
    """Who wrote groups meant all of his hosts."""
    policy = policy_of({"environments": {"production": {"groups": ["prod"]}}}, "policy.yml")
    (note,) = environment_notes(HostGroups(fleet(prod=8, web=2)), policy)
    assert note == (
        "2 of 10 hosts are judged as production by default, since no group of theirs is an environment's: web0, web1."
    )


def test_an_environment_that_is_none_is_named_with_its_hosts() -> None:
    """It would be production without a word."""
    hosts = HostGroups(fleet(web=4), {"web0": "prd", "web1": "prd", "web2": "staging"})
    (note,) = environment_notes(hosts, BUILT_IN)
    assert note == (
        "kernel_mem_audit_environment is 'prd' on 2 hosts (web0, web1) and does not count there, since the policy has "
        "no such environment; did you mean production?"
    )
    (note,) = environment_notes(HostGroups(fleet(web=1), {"web0": "zzz"}), BUILT_IN)
    assert note.endswith("it has production, staging, development.")


def test_environments_without_hosts_are_named_unless_the_run_is_partial() -> None:
    """A group's name that is mistyped in the policy chooses nobody; a --limit leaves environments out on purpose."""
    policy = policy_of(
        {
            "environments": {
                "production": {"groups": ["web"]},
                "databases": {"groups": ["orcale"], "based_on": "production"},
            }
        },
        "p.yml",
    )
    (note,) = environment_notes(HostGroups(fleet(web=3)), policy)
    assert note.startswith("The policy's environment databases has no host in this inventory")
    assert environment_notes(HostGroups(fleet(web=3), partial=True), policy) == []
