# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation tests are only worth what their mutants are: which numbers are changed, how, and what is counted."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.tools.mutation import functions
from ansible_collections.fleetaudit.kernel_memory.tools.mutation.functions import place_of
from ansible_collections.fleetaudit.kernel_memory.tools.mutation.numbers import changes_of
from ansible_collections.fleetaudit.kernel_memory.tools.mutation.survivor import Count, Survivor

ROOT = Path(__file__).resolve().parents[2]

HEAD = """\
\"\"\"Words with 5 in them.\"\"\"
SHARE = 0.5
LEVELS: dict[str, int] = {"größer": 3, "b": 86400}
FLAG, NAME, BOTH = True, "7", (0, 0.0)

def judge(share=9):
    return share > 8
"""


def test_each_number_at_the_head_becomes_a_little_larger() -> None:
    """In dicts and tuples too, also behind letters of several bytes; not in text, flags, defaults or functions."""
    made = [(change.name, change.applied(HEAD)) for change in changes_of("a.py", HEAD)]
    assert [name for name, _text in made] == ["SHARE", "LEVELS", "LEVELS", "(FLAG, NAME, BOTH)", "(FLAG, NAME, BOTH)"]
    expected = [("0.5", "0.525"), ("3", "4"), ("86400", "90720"), ("(0,", "(1,"), ("0.0)", "0.05)")]
    for (_name, text), (was, now) in zip(made, expected, strict=True):
        assert text == HEAD.replace(was, now, 1)


def test_a_mutant_is_named_after_its_function() -> None:
    """Whoever explains a survivor names the function as the code does."""
    assert place_of("ansible_collections.x.growth.x__rank__mutmut_2") == "_rank"
    assert place_of("ansible_collections.x.own.xǁPastǁseries__mutmut_11") == "Past.series"


def test_a_mutant_says_which_file_it_is_of() -> None:
    """Files with the same tests are changed in one go, and counted one by one."""
    module = "ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.growth"
    assert functions.file_of(f"{module}.xǁPastǁseries__mutmut_11") == "plugin_utils/rules/growth.py"


def test_all_tests_run_only_for_what_a_files_own_leave_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are few and kill most; a mutant that either notices is dead."""
    asked = []

    def states(
        _stage: Path, _python: Path, _files: Sequence[str], tests: list[str], names: list[str]
    ) -> dict[str, str]:
        asked.append((tests, names))
        own = {"a__mutmut_1": "killed", "a__mutmut_2": "survived", "b__mutmut_1": "no tests", "c__mutmut_1": "survived"}
        found = own if "own" in tests else own | {"a__mutmut_2": "killed", "b__mutmut_1": "survived"}
        return {name: found[name.removeprefix("a.x_")] for name in names}

    def passes(_copy: Path, _python: Path, tests: list[str], name: str) -> bool:
        asked.append((tests, [name]))
        return name != "a.x_c__mutmut_1"

    monkeypatch.setattr(functions, "states_of", states)
    monkeypatch.setattr(functions, "passes", passes)
    all_of_them = [f"a.x_{name}" for name in ("a__mutmut_1", "a__mutmut_2", "b__mutmut_1", "c__mutmut_1")]
    found = functions.mutants_of(tmp_path, tmp_path, {"a.py": ["own"]}, ["all"], all_of_them)
    assert found == (all_of_them, ["a.x_b__mutmut_1"])
    assert asked[:2] == [(["own"], all_of_them), (["all"], all_of_them[1:])]
    assert sorted(asked[2:]) == [(["own"], [name]) for name in all_of_them[2:]]
    del asked[:]
    assert functions.mutants_of(tmp_path, tmp_path, {"a.py": []}, ["all"], all_of_them[1:3])[1] == ["a.x_b__mutmut_1"]
    assert asked == [(["all"], all_of_them[1:3]), (["all"], ["a.x_b__mutmut_1"])]


def test_a_survivor_is_known_again_when_lines_around_it_move() -> None:
    """An explanation stays true as long as the change does, whatever is indented or inserted beside it."""
    was = Survivor("rules/a.py", "judge", "    return a", "    return b")
    assert was.mutant == Survivor("rules/a.py", "judge", "return a", "return b", "It is the same.").mutant
    assert was.mutant != Survivor("rules/a.py", "other", "return a", "return b").mutant


def test_shares_are_of_all() -> None:
    """5 % is asked of the sum, so a small file can't hide a large one."""
    whole = Count(90, 1) + Count(10, 4)
    assert (whole.all, whole.killed, whole.percent, Count(0, 0).percent) == (100, 95, 5.0, 0.0)


@pytest.mark.parametrize(("live", "of", "percent"), [(0, 59, 4.95), (0, 29, 9.81), (5, 100, 10.22), (3, 3, 100.0)])
def test_a_sample_says_how_many_live_at_most(live: int, of: int, percent: float) -> None:
    """The rule of three and tables of Clopper and Pearson's bound: none of 59 says less than 5 % of all."""
    assert Count(of, live).bound == pytest.approx(percent, abs=0.02)


def test_a_sample_is_drawn_of_functions_and_numbers_and_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a seed can have its survivors again; a sample of one kind alone would say nothing of the other."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    mutate = importlib.import_module("mutate")
    file = ROOT / "plugins/plugin_utils/rules/state.py"
    monkeypatch.setattr(mutate.functions, "names_of", lambda *_given: [f"x_a__mutmut_{number}" for number in range(30)])
    monkeypatch.setattr(mutate, "changes_of", lambda file, _text: mutate.numbers.changes_of(file, HEAD))
    whole, some, again, other = (
        mutate.drawn(ROOT, [file], sample, seed) for sample, seed in ((None, 1), (20, 1), (20, 1), (20, 2))
    )
    assert (whole.of, len(whole.names), len(whole.changes)) == (35, 30, 5)
    assert some.of == 35 and len(some.names) + len(some.changes) == 20 and some.changes
    assert some == again != other


def test_every_explanation_is_one() -> None:
    """A list of survivors without reasons would be a list of what is ignored."""
    for entry in yaml.safe_load((ROOT / "tests/mutation/explained.yml").read_text(encoding="utf-8")):
        assert set(entry) == {"file", "place", "was", "now", "why"}
        assert (ROOT / "plugins" / entry["file"]).is_file() and entry["why"].endswith(".") and len(entry["why"]) > 20
