# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "Set limits" says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import KINDS_OF_FINDING
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import BUILT_IN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.file import load_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import (
    AMOUNT_KEYS,
    ENVIRONMENT_KEYS,
    HISTORY_KEYS,
    LIMIT_KEYS,
    POLICY_KEYS,
    SIMILAR_HOSTS_KEYS,
    WAIVER_KEYS,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import human_bytes, number_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, healthy_facts

GUIDE = (Path(__file__).parents[5] / "docs" / "policy.md").read_text(encoding="utf-8")
POLICY = resolve_policy(None)


def table(heading):
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0].startswith("`")]


def test_the_table_of_environments_is_the_built_in_environments():
    share = POLICY["environments"]["production"]["limits"]["vmalloc"]["warning"]["percent_of_ram"]
    expected = [
        [
            f"`{name}`",
            number_text(environment["limits"]["vmalloc"]["warning"]["percent_of_ram"] / share),
            f"`{environment['highest_severity']}`",
        ]
        for name, environment in POLICY["environments"].items()
    ]
    assert table("Environments") == expected


def test_the_table_of_history_and_similar_hosts_is_the_built_in_one():
    production = POLICY["environments"]["production"]
    expected = {
        f"`{section}.{key}`": ", ".join(map(number_text, value)) if isinstance(value, list) else number_text(value)
        for section in ("history", "similar_hosts")
        for key, value in production[section].items()
    }
    assert {row[0]: row[1] for row in table("Built-in history and similar hosts")} == expected
    assert [row[0].strip("`").rpartition(".")[2] for row in table("Built-in history and similar hosts")] == [
        *HISTORY_KEYS,
        *SIMILAR_HOSTS_KEYS,
    ]


def words(value):
    if value is None or isinstance(value, (bool, str)):
        return {None: "none", True: "true", False: "false"}.get(value, value)
    return ", ".join(map(number_text, value)) if isinstance(value, list) else number_text(value)


def test_the_table_of_the_gate_is_the_built_in_one():
    columns = []
    for name in BUILT_IN:
        gate = POLICY["environments"][name]["gate"]
        parts = {
            f"{key}.{inner}": value
            for key, part in gate.items()
            if isinstance(part, dict)
            for inner, value in part.items()
        }
        leaves = {key: value for key, value in gate.items() if not isinstance(value, dict)} | parts
        columns.append(
            {key: human_bytes(value) if key.endswith("at_least") else words(value) for key, value in leaves.items()}
        )
    expected = [[f"`gate.{key}`", *(column[key] for column in columns)] for key in columns[0]]
    wanted = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table("Built-in gate") == expected, f"the rows must be:\n{wanted}"


def test_every_key_is_explained_and_no_other():
    names = {name.strip("`").rpartition(".")[2] for row in table("Every key") for name in row[0].split(", ")}
    limits = (key for keys in LIMIT_KEYS.values() for key in keys)
    assert names == {*POLICY_KEYS, *ENVIRONMENT_KEYS, *limits, *AMOUNT_KEYS, "match", *WAIVER_KEYS}


def test_every_kind_is_named():
    rows = {row[0]: row[1] for row in table("Every key")}
    assert re.findall(r"`(\w+)`", rows["`waivers[].kind`"]) == list(KINDS_OF_FINDING)


def test_the_complete_example_is_a_valid_policy_and_uses_every_section():
    path = Path(__file__).parents[5] / "docs" / "examples" / "policy.yml"
    policy = load_policy(str(path))
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(written) == set(POLICY_KEYS)
    used = {key for environment in written["environments"].values() for key in environment}
    assert used >= set(ENVIRONMENT_KEYS) - {"highest_severity"}
    assert [profile["name"] for profile in policy["profiles"]] == ["large-memory", "kubernetes"]


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
def test_every_example_is_a_valid_policy(example):
    resolve_policy(yaml.safe_load(example))


def test_the_first_policy_has_ten_lines():
    first = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0]
    assert len(first.splitlines()) == 10


def test_the_sentence_in_the_guide_is_what_a_finding_says():
    facts = checked_facts(healthy_facts(slab_unreclaimable_bytes=int(9.2 * GIB)))
    verdict = classify(facts, policy_of(None), "production")
    assert verdict.findings[0].explanation in GUIDE
