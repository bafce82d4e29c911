# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/bench.py: whoever asks for figures gets them, also of what comes after a goal that is missed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The tool, with three benchmarks of the test."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.import_module("bench")
    for name, code in (("first", 0), ("missed", 1), ("last", 0)):
        (tmp_path / f"{name}.py").write_text(f"import sys; print(sys.argv[1:]); sys.exit({code})")
    monkeypatch.setattr(module, "BENCHMARKS", tmp_path)
    return module


def test_its_tables_name_benchmarks_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark that is renamed is still run."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.import_module("bench")
    there = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert {*module.QUICK, *module.WHOLE, *module.BY_HAND} <= there


def test_a_missed_goal_keeps_no_other_from_running(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """And is named at the end."""
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert tool.main() == 1
    said = capfd.readouterr().out
    assert all(f"{name}.py" in said for name in ("first", "missed", "last"))
    assert said.splitlines()[-1].startswith("3 benchmarks in ") and said.splitlines()[-1].endswith("error: missed")


def test_a_benchmark_that_is_not_there_is_refused(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the names of those that are."""
    monkeypatch.setattr(sys, "argv", ["bench", "fisrt"])
    with pytest.raises(SystemExit) as ended:
        tool.main()
    assert ended.value.code == 2 and "there is no benchmark fisrt; there are first, last, missed." in (
        capsys.readouterr().err
    )
