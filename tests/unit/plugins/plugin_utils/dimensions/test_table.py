# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of each dimension is whole, readable, and can be followed."""

from __future__ import annotations

import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions import table
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import (
    DIMENSIONS,
    JUDGED,
    LIMITED,
    PARTS,
    RULES,
    TABLE,
    TOTAL,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import KINDS_OF_FINDING
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import LIMIT_KEYS

CELLS = [(dimension, unit) for dimension in LIMITED for unit in RULES[dimension].words]
WRITING = ("rm ", "kill", "drop_caches", "tee ", "-w ")


def test_every_file_of_a_dimension_is_in_the_table() -> None:
    """A dimension that stands in no table is one that nobody sees."""
    files = {path.stem for path in Path(str(table.__file__)).parent.glob("*.py")} - {"dimension", "table", "__init__"}
    assert files == set(TABLE)


def test_groups_of_names_keep_the_one_order() -> None:
    """Every output lists dimensions in the order of the table, the total last."""
    assert next(reversed(TABLE)) == TOTAL
    for names in (DIMENSIONS, JUDGED, PARTS):
        assert list(names) == [name for name in TABLE if name in names]
    assert LIMITED == (*JUDGED, TOTAL) == tuple(RULES)


def test_parts_of_the_total_are_named_and_not_reclaimed() -> None:
    """What a part says, the total does not say again: neither a cache nor the remainder may silence it."""
    assert not {"slab_reclaimable", "unaccounted", TOTAL} & set(PARTS)
    assert {"slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu"} <= set(PARTS)


def test_what_is_judged_is_kept() -> None:
    """A dimension without a past can't grow, and one that facts do not have can't be judged."""
    assert all(TABLE[name].is_kept for name in RULES)


@pytest.mark.parametrize("name", TABLE)
def test_names_and_labels_are_told_apart(name: str) -> None:
    """No dimension or check is called like another."""
    dimension = TABLE[name]
    others = [one.label for one in (*TABLE.values(), *CHECKS.values()) if one is not dimension]
    assert dimension.name == name
    assert dimension.label and dimension.label not in others
    assert dimension.sentence.endswith(".")


@pytest.mark.parametrize(("dimension", "unit"), CELLS)
def test_words_are_whole_sentences_and_one_command(dimension: str, unit: str) -> None:
    """A subject that begins a sentence, a next step that is one, a command on one line."""
    for kind in (*KINDS_OF_FINDING, "uptime_growth"):
        words = RULES[dimension].words_of(kind, unit)
        assert words.subject[0].isupper() and not words.subject.endswith(".")
        assert words.next_step[0].isupper() and words.next_step.endswith(".")
        assert "\n" not in words.command


@pytest.mark.parametrize(("dimension", "unit"), CELLS)
def test_commands_are_valid_shell_and_only_read(dimension: str, unit: str) -> None:
    """Somebody pastes them at 3 a.m. on a host in trouble."""
    command = RULES[dimension].words[unit].command
    subprocess.run(["sh", "-n", "-c", command], check=True)
    assert not any(word in command for word in WRITING)


@pytest.mark.parametrize("dimension", LIMITED)
def test_rules_are_whole(dimension: str) -> None:
    """What is measured in bytes has a growth; what is compared has words; defaults are keys of a policy."""
    rules = RULES[dimension]
    assert "bytes" in rules.words
    assert {one.unit for one in rules.comparisons} <= set(rules.words)
    for level in ("warning", "critical"):
        assert set(rules.defaults.limit(level) or ()) <= set(LIMIT_KEYS[dimension])
    if rules.defaults.growth is not None:
        assert list(rules.defaults.growth) == sorted(rules.defaults.growth)


def test_no_meaning_is_said_of_two_things() -> None:
    """A copied sentence is one that nobody thought about."""
    said = [text for rules in RULES.values() for text in asdict(rules.meanings).values()]
    said += [check.meaning for check in CHECKS.values()]
    assert len(set(said)) == len(said)
    for text in (*said, *(text for rules in RULES.values() for text in asdict(rules.usual).values())):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".") and "|" not in text
