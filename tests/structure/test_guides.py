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


def test_every_threat_names_a_test_that_is_there() -> None:
    """A promise without a test is none."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| attacker")]
    assert len(rows) > 10
    for row in rows[1:]:
        named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", row)
        assert named, row
        for path, test in named:
            source = (ROOT / "tests" / path).read_text(encoding="utf-8")
            assert not test or f"def {test}(" in source, (path, test)


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
