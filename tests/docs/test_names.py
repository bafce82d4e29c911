# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guide names is there: variables, playbooks, plugins, files, commands; also in sentences, which nobody runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.names import name_problem
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("*.y*ml"))
WRONG = ("kernel_mem_audit_polcy",)
"""A typing error that a guide shows."""
UNFINISHED = re.compile(r"^[A-Z]{4,}$|\b(?:TODO|FIXME|TBD|XXX)\b", re.MULTILINE)


def relative(path: Path) -> str:
    """How a test of a guide is called."""
    return str(path.relative_to(ROOT))


def plugins() -> set[str]:
    """The last part of each name that begins with fleetaudit.kernel_memory."""
    kinds = ("modules", "filter", "lookup", "inventory", "callback", "doc_fragments")
    found = {path.stem for kind in kinds for path in (ROOT / "plugins" / kind).glob("*.py")}
    found |= {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    return found | {path.name for path in (ROOT / "roles").iterdir()}


@pytest.mark.parametrize("guide", GUIDES + EXAMPLES, ids=relative)
def test_every_variable_is_a_setting_or_a_result(guide: Path) -> None:
    """A reader who copies a name that nobody reads is refused, and loses the trust in all others."""
    named = set(re.findall(r"\bkernel_mem_audit_\w+", guide.read_text(encoding="utf-8")))
    # One that ends with _ is the first part of several.
    whole = sorted(name for name in named if not name.endswith("_") and not name.startswith(WRONG))
    assert [problem for name in whole if (problem := name_problem(name, by_hand=False))] == []


@pytest.mark.parametrize("guide", GUIDES + EXAMPLES, ids=relative)
def test_every_plugin_and_playbook_is_there(guide: Path) -> None:
    """By its full name."""
    named = set(re.findall(r"\bfleetaudit\.kernel_memory\.(\w+)", guide.read_text(encoding="utf-8")))
    assert named - plugins() - {"audit", "host", "yml", "investigation", "compare", "decision"} == set()


@pytest.mark.parametrize("guide", GUIDES, ids=relative)
def test_every_file_of_the_project_is_there(guide: Path) -> None:
    """In code spans, which no link checks."""
    tops = "docs|plugins|playbooks|roles|tests(?!/output)|benchmarks|tools|execution-environment|meta|changelogs"
    spans = re.findall(r"`([^`\n]+)`", guide.read_text(encoding="utf-8"))
    named = {path for span in spans for path in re.findall(rf"(?:^|\s)((?:{tops})/[\w./-]+\w)", span)}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("guide", GUIDES, ids=relative)
def test_every_command_of_kernel_memory_is_there(guide: Path) -> None:
    """As kernel-memory --help lists them."""
    said = subprocess.run([sys.executable, ROOT / "cli", "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^ {4}(\w+) ", said, re.MULTILINE))
    assert {"audit", "gate", "doctor"} <= known
    named = re.findall(r"`kernel-memory ([a-z]\w*)", guide.read_text(encoding="utf-8"))
    assert set(named) - known == set()


@pytest.mark.parametrize("guide", GUIDES, ids=relative)
def test_nothing_is_left_to_be_written(guide: Path) -> None:
    """A word that held a place for figures once stood in the guide of the history."""
    assert UNFINISHED.findall(guide.read_text(encoding="utf-8")) == []
