# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides and the forge's files say what is there: links, tests that are named, steps, supported versions."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
WORKFLOWS = ROOT / ".github" / "workflows"


def workflow(name: str) -> dict[str, Any]:
    """A workflow's jobs by name."""
    jobs: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))["jobs"]
    return jobs


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(guide: Path) -> None:
    """A reader at 3 a.m. follows it."""
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", guide.read_text(encoding="utf-8")):
        assert (guide.parent / target).exists(), target


def rows_of(guide: str, first_cell: str) -> list[str]:
    """The rows of the tables of a guide that begin with a head."""
    lines, found, inside = (ROOT / "docs" / guide).read_text(encoding="utf-8").splitlines(), [], False
    for line in lines:
        inside = line.startswith("| ") and (inside or line.startswith(f"| {first_cell} |"))
        if inside and not line.startswith((f"| {first_cell} |", "| ---")):
            found.append(line)
    return found


def named_in(row: str) -> list[str]:
    """The tests that the last cell of a row names; each is there."""
    named = re.findall(r"`([\w/]+)(\.py)?(?:::(\w+))?`", row.rpartition(" | ")[2])
    for path, is_file, test in named:
        place = ROOT / "tests" / f"{path}{is_file}"
        assert place.is_file() if is_file else (place.is_dir() and any(place.rglob("test_*.py"))), place
        assert not test or f"def {test}(" in place.read_text(encoding="utf-8"), (path, test)
    return [path for path, _is_file, _test in named]


def test_every_threat_names_a_test_that_is_there() -> None:
    """A promise without a test is none."""
    rows = rows_of("security.md", "attacker")
    assert len(rows) > 10
    assert [row for row in rows if not named_in(row)] == []


@pytest.mark.parametrize(("head", "at_least"), [("what", 30), ("what breaks", 20)])
def test_what_is_supported_names_its_test_or_says_that_there_is_none(head: str, at_least: int) -> None:
    """Nobody should find out at 3 a.m. that a row was a hope."""
    rows = rows_of("support.md", head)
    assert len(rows) >= at_least
    said = ("not tested", "not a test", "| all |")
    assert [row for row in rows if not named_in(row) and not any(word in row for word in said)] == []


def test_fragments_have_the_markup_of_a_change_log() -> None:
    """That of ansible-doc, C(name), would stand there as it is."""
    found = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "changelogs" / "fragments").glob("*.yml")}
    assert {name: bad for name, text in found.items() if (bad := re.findall(r"\b[A-Z]\([^)]*\)", text))} == {}


def test_the_workflow_tries_every_core_that_is_supported() -> None:
    """From the one that meta/runtime.yml demands to the next that is coming."""
    oldest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"].removeprefix(">=")
    cores = [row["core"] for row in workflow("test.yml")["cores"]["strategy"]["matrix"]["include"]]
    assert cores[0] == oldest.removesuffix(".0") + ".*" and cores[-1] == "devel"


def test_the_nightly_workflow_runs_every_step_that_tries_more_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that is added to make nightly is run by somebody."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    steps = importlib.import_module("steps")
    of_the_night = [step.name for step in steps.NIGHTLY if step not in steps.TEST]
    assert workflow("nightly.yml")["nightly"]["strategy"]["matrix"]["step"] == of_the_night
