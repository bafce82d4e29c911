# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Habits that the code wants to be rid of: each is counted, and may only become less.

Whoever makes one less lowers its number here; nobody may raise one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.structure.sources import (
    PLUGINS,
    ROOT,
    python_files,
    syntax_tree,
)

ANY_IN_ANNOTATIONS = 478
"""Of some 9,600 annotations of the controller side."""

LINES_WITH_ROOM = 34
"""The word is this project's for a module and no other's; where it means space it may stay."""

WITHOUT_A_TEST_OF_ITS_NAME = {"plugin_utils/gate/run.py"}


def annotations(path: Path) -> Iterator[ast.expr]:
    """All annotations of a file: of parameters, results and variables."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            yield node.returns


def holds_any(annotation: ast.expr) -> bool:
    """Whether an annotation says ``Any``, or anything of it does."""
    return any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(annotation))


def count_of_any() -> tuple[int, int]:
    """How many annotations of the controller side hold ``Any``, and how many there are."""
    paths = [path for folder in ("plugin_utils", "action", "filter", "doc_fragments") for path in python_files(folder)]
    found = [holds_any(annotation) for path in paths for annotation in annotations(path)]
    return sum(found), len(found)


def test_any_becomes_rarer() -> None:
    """Where a type says ``Any``, mypy says nothing."""
    found, of = count_of_any()
    assert found <= ANY_IN_ANNOTATIONS, f"{found} of {of} annotations hold Any; there were {ANY_IN_ANNOTATIONS}"


def lines_with_room() -> int:
    """How many lines of code and documents say it."""
    texts = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *python_files(".")]
    word = re.compile(r"(?<![a-z])rooms?(?![a-z])", re.IGNORECASE)
    return sum(bool(word.search(line)) for path in texts for line in path.read_text(encoding="utf-8").splitlines())


def test_no_new_room() -> None:
    """A kernel engineer reads *module* or *file* and knows what is meant."""
    found = lines_with_room()
    assert found <= LINES_WITH_ROOM, f"{found} lines say room; there were {LINES_WITH_ROOM}"


def has_logic(path: Path) -> bool:
    """Whether a file has a function that does something; those of a protocol only say what they are for."""
    functions = (node for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.FunctionDef))
    return any(not isinstance(statement, ast.Expr) for function in functions for statement in function.body)


WITH_A_SERVER = {"plugin_utils/history/postgresql.py": "tests/history/test_postgresql.py"}
"""What is tested with the real thing, which unit tests do not start."""


def without_a_test() -> set[str]:
    """The files with logic, below ``plugins``, beside which no test file stands."""
    missing = set()
    for folder in ("module_utils", "plugin_utils", "filter"):
        for path in python_files(folder):
            place = path.relative_to(PLUGINS)
            beside = WITH_A_SERVER.get(str(place), f"tests/unit/plugins/{place.parent}/test_{path.name}")
            if has_logic(path) and not (ROOT / beside).is_file():
                missing.add(str(place))
    return missing


def test_every_file_with_logic_has_a_test_of_its_name() -> None:
    """Whoever changes a file runs the test beside it first, and a mutant of it is killed there."""
    missing = without_a_test()
    new, no_longer = missing - WITHOUT_A_TEST_OF_ITS_NAME, WITHOUT_A_TEST_OF_ITS_NAME - missing
    assert not new, f"these need a test file of their name: {', '.join(sorted(new))}"
    assert not no_longer, f"take these out of the list here, they are done: {', '.join(sorted(no_longer))}"
