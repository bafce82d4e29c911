# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/gate.md tells the truth about the settings, and its example policy is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import default_gate_settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import human_bytes

ROOT = Path(__file__).parents[5]
GUIDE = (ROOT / "docs" / "gate.md").read_text()


def text(key: str, value: Any) -> str:
    """A setting as the table writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(map(str, value))
    return human_bytes(value) if key.endswith("at_least") else str(value)


def flat(settings: dict[str, Any]) -> dict[str, str]:
    """Settings by key path, as text."""
    found = {}
    for key, value in settings.items():
        parts = {f"{key}.{inner}": part for inner, part in value.items()} if isinstance(value, dict) else {key: value}
        found.update({path: text(path, part) for path, part in parts.items()})
    return found


@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_the_table_has_every_setting_with_its_default(environment: str) -> None:
    """One that is changed in the code must change here, too."""
    table = [line for line in GUIDE.split("## Settings")[1].split("## ")[0].splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    column = rows[0].index(environment)
    shown = {}
    for row in rows[2:]:
        names = re.findall(r"`([\w.]+)`", row[0])
        shown.update(zip(names, row[column].split(", ") if len(names) > 1 else [row[column]], strict=True))
    assert shown == flat(default_gate_settings(environment))


def test_the_example_policy_is_right() -> None:
    """And sets what it says."""
    policy = resolve_policy(yaml.safe_load((ROOT / "docs" / "examples" / "gate-policy.yml").read_text()))
    assert policy["environments"]["production"]["gate"]["canary_hosts"] == 2
    assert policy["environments"]["staging"]["gate"]["states"]["unknown"] == "inconclusive"


def test_files_and_anchors_that_the_guide_names_are_there() -> None:
    """A new user follows them."""
    for path in re.findall(r"`((?:docs|tests|benchmarks)/[\w./-]+\.\w+)`", GUIDE):
        assert (ROOT / path).is_file(), path
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("#")[1:]).lower().replace(" ", "-")
        for line in GUIDE.splitlines()
        if line.startswith(("## ", "### "))
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", GUIDE)) <= headings
