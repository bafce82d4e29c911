# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways of asking give the same, on hosts of all kinds, over real sshd, sudo, su and PAM."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fanout.trouble import FLOODING, GOOD, REASONS, WITH_PASSWORD
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.test_fleet import WELL, WRONG
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

FIRST = ["ControlMaster=no", "BatchMode=yes"]
SAME = (
    "host",
    "platform",
    "dimensions",
    "kernel_total_bytes",
    "kernel_unreclaimable_bytes",
    "accounting",
    "unavailable",
)


def entries(audit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The hosts of an audit by name."""
    return {entry["name"]: entry for entry in audit["hosts"]}


def sends_passwords(audit: dict[str, Any]) -> bool:
    """Whether this ansible-core gives passwords to ssh without sshpass."""
    return "sshpass" not in " ".join(audit["notes"])


def why(entry: dict[str, Any]) -> tuple[str, str] | None:
    """Reason and message of a host without data."""
    return entry["no_data"] and (entry["no_data"]["reason"], entry["no_data"]["message"])


def test_every_host_comes_to_the_same(by_one: dict[str, Any], by_task: dict[str, Any]) -> None:
    """Verdict, reason, sentence and environment don't depend on the way."""
    one, task = entries(by_one), entries(by_task)
    assert set(one) - {FLOODING} == set(task) - {FLOODING} and len(one) >= 50
    for name in sorted(set(one) - {FLOODING}):
        assert why(one[name]) == why(task[name]), name
        assert (one[name]["verdict"], one[name]["environment"]) == (task[name]["verdict"], task[name]["environment"])
    assert one[FLOODING]["no_data"]["reason"] == "flood"
    if IS_NIGHT:
        assert task[FLOODING]["no_data"]["reason"] == "timed_out", "Ansible's connection can't be cut"


def test_facts_are_equal(by_one: dict[str, Any], by_task: dict[str, Any]) -> None:
    """The account of each saved host, number by number; two live readings are never equal."""
    one, task = entries(by_one), entries(by_task)
    names = [name for name, entry in one.items() if entry["no_data"] is None and name not in ("live", "live-again")]
    assert len(names) >= 24
    for name in names:
        assert one[name]["transport"] == task[name]["transport"]
        for part in SAME:
            assert one[name][part] == task[name][part], f"{name}: {part}"


@pytest.mark.parametrize(("name", "reason"), sorted({**WRONG, **REASONS}.items()))
def test_each_trouble_has_its_reason(by_one: dict[str, Any], name: str, reason: str) -> None:
    """A name, a network, a daemon, a key and a password are work for different people."""
    assert entries(by_one)[name]["no_data"]["reason"] == reason, entries(by_one)[name]["no_data"]


@pytest.mark.parametrize("name", [*WELL, *GOOD])
def test_whom_ansible_reaches_is_reached(by_one: dict[str, Any], name: str) -> None:
    """Passwords for sudo and su, jump hosts, templates, a host without Python."""
    assert entries(by_one)[name]["no_data"] is None, entries(by_one)[name]["no_data"]


@pytest.mark.parametrize(("name", "reason"), WITH_PASSWORD.items())
def test_passwords_for_ssh(by_one: dict[str, Any], name: str, reason: str | None) -> None:
    """Where ansible-core gives them itself, so does one process; with sshpass the host goes the ordinary way."""
    missing = entries(by_one)[name]["no_data"]
    if sends_passwords(by_one):
        assert (missing and missing["reason"]) == reason, missing
    else:
        assert missing["reason"] == "failed" and "sshpass" in missing["message"]


def test_few_hosts_need_a_task_of_their_own_and_the_report_says_which(by_one: dict[str, Any], by_task: Any) -> None:
    """At most 5 % of plain ssh hosts, and none without a reason; where all have a task each, nothing is said."""
    (note,) = [note for note in by_one["notes"] if "by one process" in note]
    by_itself, others = map(int, re.findall(r"(\d+) (?:hosts were asked|by a task each)", note))
    assert by_itself + others == len(by_one["hosts"])
    assert "1: sudo on the host demands a terminal" in note
    assert others == (1 if sends_passwords(by_one) else 3)
    assert others - (0 if sends_passwords(by_one) else 2) <= 0.05 * len(by_one["hosts"])
    assert not [note for note in by_task["notes"] if "by one process" in note]


def commands(output: str) -> dict[str, list[str]]:
    """The ssh arguments of each host of the first try, from what Ansible prints, with what is new for each left out."""
    found: dict[str, list[str]] = {}
    for host, line in re.findall(r"^<(\S+)> SSH: EXEC (.*)$", output, re.MULTILINE):
        text = re.sub(r"[0-9a-f]{16} no-python", "MARK no-python", line)
        text = re.sub(r"(key=|SUCCESS-)[a-z]{32}", r"\1KEY", text)
        found.setdefault(host, shlex.split(text))
    return found


def test_the_arguments_are_ansibles_own(fleet: Fleet, by_one: dict[str, Any], by_task: dict[str, Any]) -> None:
    """Whatever inventory, configuration and plugins say, ssh is told the same; only what must come first is added."""
    one, task = commands(by_one["output"]), commands(by_task["output"])
    flooding = hosts_of(fleet)[FLOODING]["ansible_host"]
    # Ansible prints the address: of hosts that share one it is not said which was asked first.
    at = Counter(variables.get("ansible_host") for variables in hosts_of(fleet).values())
    assert len(one) >= 45
    compared = 0
    for address, words in one.items():
        added = [words[2], words[4]]
        if added[0] != "ControlMaster=no" or address == flooding or at[address] > 1:
            continue  # a host of the ordinary way, or one that is not asked so
        assert added in (FIRST, ["ControlMaster=no", "NumberOfPasswordPrompts=1"])
        assert [words[0], *words[5:]] == task[address], address
        compared += 1
    assert compared >= 45


@pytest.mark.once
def test_light_reaches_the_same_hosts(fleet: Fleet, by_one: dict[str, Any]) -> None:
    """Another exchange of keys changes nothing but its price, and no password travels under it."""
    only = "saved01:saved02:sudo-user:sudo-asks:su-asks:behind-jump:old:live:login-password"
    audit = fleet.audit(
        "light",
        "-e",
        "kernel_mem_audit_gather=fanout",
        "-e",
        "kernel_mem_audit_key_exchange=light",
        "-vvv",
        "--limit",
        only,
    )
    usual = entries(by_one)
    for name, entry in entries(audit).items():
        assert why(entry) == why(usual[name]), name
    light = {
        address for address, words in commands(audit["output"]).items() if "KexAlgorithms=^curve25519-sha256" in words
    }
    light |= {
        address for address, words in commands(audit["output"]).items() if any("mlkem768" in word for word in words)
    }
    variables = hosts_of(fleet)
    with_password = {variables[name]["ansible_host"] for name in ("sudo-asks", "su-asks", "login-password")}
    without = {variables[name]["ansible_host"] for name in ("saved01", "saved02", "sudo-user", "live", "behind-jump")}
    assert without <= light and not with_password & light


def hosts_of(fleet: Fleet) -> dict[str, dict[str, str]]:
    """The hosts of the inventory with their variables."""
    made: dict[str, dict[str, str]] = json.loads(fleet.inventory.read_text())["all"]["hosts"]
    return made
