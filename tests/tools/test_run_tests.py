# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/run_tests.py: whatever a step does, the run ends, says so, and leaves no process behind."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The tool, imported as it is when it is started, with its logs in a folder of the test."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.import_module("run_tests")
    monkeypatch.setattr(module, "LOGS", tmp_path)
    return module


def python(text: str) -> tuple[str, ...]:
    """A command."""
    return (sys.executable, "-c", text)


def test_every_test_is_run_by_a_step(tool: ModuleType) -> None:
    """A folder that no step names is never run, and nobody is told."""
    steps = importlib.import_module("steps").TEST
    run = [ROOT / word for step in steps if step.is_pytest for word in step.command if word.startswith("tests/")]
    tests = (ROOT / "tests").rglob("test_*.py")
    assert not [path for path in tests if not any(path == one or path.is_relative_to(one) for one in run)]


def test_a_step_that_fails_fails_and_shows_its_end(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody looks into a log who is not told that there is something in it."""
    step = tool.Step("bad", python("print('the reason'); raise SystemExit(3)"), 1)
    (outcome,) = tool.Runner().run_all([step], 1)
    said = capsys.readouterr().out
    assert (outcome.well, outcome.count("failed")) == (False, 1)
    assert "bad" in said and "FAILED" in said and "the reason" in said


def test_a_step_that_hangs_is_ended_with_all_that_it_started(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A hanging test would cost the whole run its end."""
    ready = tmp_path / "child"

    class WhenItHangs(threading.Timer):
        """The limit, which is reached as soon as the step hangs."""

        def run(self) -> None:
            while not ready.exists():
                time.sleep(0.01)
            self.function(*self.args)

    monkeypatch.setattr(tool.threading, "Timer", WhenItHangs)
    text = (
        "import os, time\nif os.fork() == 0:\n"
        f" open('{ready}.new', 'w').write(str(os.getpid()))\n os.rename('{ready}.new', '{ready}')\ntime.sleep(3600)"
    )
    (outcome,) = tool.Runner().run_all([tool.Step("stuck", python(text), 1, limit_seconds=7)], 1)
    assert not outcome.well and "stuck did not end in 7 s" in capsys.readouterr().out
    # It has been killed: it is going, or a dead one that nobody has looked for yet.
    status = Path(f"/proc/{ready.read_text()}/status")
    with suppress(OSError):
        while "State:\tZ" not in status.read_text():
            time.sleep(0.01)


def test_the_longest_begin_first_and_those_that_must_be_alone_come_last(tool: ModuleType, tmp_path: Path) -> None:
    """A long step that began last would be waited for; one that watches the whole machine must not be disturbed."""
    mark = "open('{0}/order', 'a').write('{1} ')"
    steps = [
        tool.Step(name, python(mark.format(tmp_path, name)), cost, alone=alone)
        for name, cost, alone in (("short", 1, False), ("watching", 9, True), ("long", 5, False))
    ]
    outcomes = tool.Runner().run_all(steps, 1)
    assert all(outcome.well for outcome in outcomes)
    assert (tmp_path / "order").read_text().split() == ["long", "short", "watching"]


def test_a_step_has_its_own_place_for_temporary_files_which_is_gone_afterwards(
    tool: ModuleType, tmp_path: Path
) -> None:
    """What one program leaves in a shared one has broken another before."""
    text = f"import tempfile; open('{tmp_path}/place', 'w').write(tempfile.mkdtemp())"
    (outcome,) = tool.Runner().run_all([tool.Step("tidy", python(text), 1)], 1)
    place = (tmp_path / "place").read_text()
    assert outcome.well and not os.path.exists(place) and not os.path.exists(os.path.dirname(place))


def test_what_is_counted_and_what_is_said(tool: ModuleType) -> None:
    """The sums at the end are of pytest's own last line."""
    step = tool.Step("unit", ("python", "-m", "pytest"), 1)
    text = "Left out: containers.\nFigure: 3 of 4.\n  1.50s call     tests/a.py::test_b\n2 failed, 7 passed in 3.1s\n"
    outcome = tool.Outcome(step, 1, 3.1, 2.0, text)
    assert (outcome.count("passed"), outcome.count("failed")) == (7, 2)
    assert (outcome.left_out, outcome.figures) == (["Left out: containers."], ["3 of 4."])
    assert tool.slowest_tests([outcome]) == [(1.5, "unit: tests/a.py::test_b (call)")]
    assert "| unit | 7 | 2 | 3 | 2 |" in tool.summary("test", [outcome], 3.0, [])


def test_every_step_has_a_row_in_the_contributors_page(tool: ModuleType) -> None:
    """Whoever sees a step fail must find what it protects."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.split("| step | protects |")[1].split("\n\n")[0]
    named = {word.strip() for row in table.splitlines() for word in row.strip("| ").split(" | ")[0].split(",")}
    for step in tool.steps.TEST:
        family = {step.name, step.name.partition("-")[0] + "-*", step.name.partition("-")[0] + "*"}
        assert family & named, f"{step.name} has no row"
