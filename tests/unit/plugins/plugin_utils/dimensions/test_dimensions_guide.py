# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "The dimensions of kernel memory" says what the code says."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED, RULES, TABLE
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import (
    default_environment_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import AMOUNT_KEYS, LIMIT_KEYS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import human_bytes, number_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.meanings import MACHINES

DOCUMENTS = Path(__file__).parents[5] / "docs"
GUIDE = (DOCUMENTS / "dimensions.md").read_text(encoding="utf-8")
ANCHORS = {
    anchor: (first, text) for anchor, first, text in re.findall(r'<a id="([a-z_-]+)"></a>([^|]*) \| ([^|]*) \|', GUIDE)
}
PRODUCTION = default_environment_settings("production")
SIZE_KEYS = ("percent_of_ram", "at_least", "at_most")


def table(heading: str) -> list[list[str]]:
    """The rows of a section that begin with a name."""
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0].startswith("`")]


@pytest.mark.parametrize("name", LIMITED)
def test_every_dimension_has_a_section_that_says_what_it_is(name: str) -> None:
    """The page of a report and the guide say the same."""
    section = GUIDE.split(f"\n## {TABLE[name].label}: `{name}`\n")[1].split("\n## ")[0]
    assert " ".join(section.split()).startswith(TABLE[name].sentence)


@pytest.mark.parametrize("name", LIMITED)
def test_every_meaning_has_an_anchor(name: str) -> None:
    """What a finding says stands where a link leads."""
    for kind, text in asdict(RULES[name].meanings).items():
        assert ANCHORS[f"{name}-{kind}"][1] == text
    for machine, text in asdict(RULES[name].usual).items():
        assert ANCHORS[f"{name}-{machine}"] == (MACHINES[machine], text)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_a_row(check: str) -> None:
    """A check is explained where it is named."""
    assert ANCHORS[f"{check}-limit"] == (f"`{check}`", CHECKS[check].meaning)


def test_there_is_nothing_else() -> None:
    """What is gone from the code must not stay in the guide. That nothing is found has no words in the code."""
    sections = re.findall(r"^## .*: `(\w+)`$", GUIDE, re.MULTILINE)
    kinds = [*asdict(RULES[LIMITED[0]].meanings), "steady", *MACHINES]
    assert sections == list(LIMITED)
    assert set(ANCHORS) == {f"{name}-{kind}" for name in LIMITED for kind in kinds} | {
        f"{name}-limit" for name in CHECKS
    }


def shown(settings: dict[str, Any], key: str) -> str:
    """A value as a table shows it."""
    value = settings[key]
    if value is None:
        return "–"
    return human_bytes(value) if key in ("at_least", "at_most") else number_text(value)


def test_the_table_of_limits_is_the_built_in_limits() -> None:
    """Somebody who sets a limit begins from what holds today."""
    expected = []
    for dimension, levels in PRODUCTION["limits"].items():
        for level, settings in levels.items():
            if settings is not None:
                further = {key for key in settings if key not in SIZE_KEYS and settings[key] is not None}
                ordered = [key for key in LIMIT_KEYS[dimension] if key in further]
                words = ", ".join(f"`{key}` {number_text(settings[key])}" for key in ordered) or "–"
                sizes = [shown(settings, key) for key in SIZE_KEYS]
                expected.append([f"`{dimension}`", f"`{level}`", *sizes, words])
    wanted = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table("Built-in limits of production") == expected, f"the rows must be:\n{wanted}"


@pytest.mark.parametrize(
    ("section", "heading"),
    [("growth", "Built-in growth of production"), ("level", "Built-in sudden changes of production")],
)
def test_the_tables_of_growth_and_of_sudden_changes_are_the_built_in_ones(section: str, heading: str) -> None:
    """The same for growth and for sudden changes."""
    expected = [
        [f"`{dimension}`", f"`{level}`", *(shown(settings, key) for key in AMOUNT_KEYS)]
        for dimension, levels in PRODUCTION[section].items()
        for level, settings in levels.items()
        if settings is not None
    ]
    wanted = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table(heading) == expected, f"the rows must be:\n{wanted}"


@pytest.mark.parametrize("name", ["dimensions.md", "patterns.md", "policy.md", "judging.md"])
def test_links_lead_somewhere(name: str) -> None:
    """To a file that is there, and to a heading or an anchor in it."""
    for target, place in re.findall(
        r"\]\(([a-z-]*\.?m?d?)(?:#([\w-]+))?\)", (DOCUMENTS / name).read_text(encoding="utf-8")
    ):
        if target and not target.endswith(".md"):
            continue
        text = (DOCUMENTS / (target or name)).read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("#")
        }
        assert not place or place in headings or f'id="{place}"' in text, f"{target}#{place}"
