# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of folders in docs/architecture.md is the truth: what is there, what it imports, and always downwards."""

from __future__ import annotations

import re
from functools import cache

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.structure.sources import (
    PLUGINS,
    ROOT,
    folder_of,
    imports,
    module_name,
    python_files,
)

FILES = {module_name(path): path for path in python_files(".")}


@cache
def drawn() -> dict[str, set[str]]:
    """The rows of the map, the highest first: each folder with those that it imports."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split("\n## The folders\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): set(re.findall(r"`([^`]+)`", row[-1])) for row in rows}


@cache
def built() -> dict[str, set[str]]:
    """Each folder that has Python files with those that it really imports."""
    found: dict[str, set[str]] = {}
    for path in FILES.values():
        others = {folder_of(FILES[name]) for name in imports(path) if name in FILES}
        found.setdefault(folder_of(path), set()).update(others - {folder_of(path)})
    return found


def short(folder: str, present: set[str]) -> str:
    """A folder's last name, as the column of imports writes it, where no other folder has the same."""
    last = folder.rsplit("/", 1)[-1]
    return last if sum(name.rsplit("/", 1)[-1] == last for name in present) == 1 else folder


def test_the_map_has_every_folder_and_no_other() -> None:
    """A folder without a row answers no question of the reader; a row without a folder sends him astray."""
    assert set(drawn()) == set(built())


@pytest.mark.parametrize("folder", sorted(built()))
def test_a_folder_imports_what_the_map_says(folder: str) -> None:
    """An arrow that nobody drew is how layers begin to dissolve."""
    assert drawn()[folder] == {short(name, set(built())) for name in built()[folder]}


def test_folders_import_downwards_only() -> None:
    """A folder can be understood, tested and changed with what is below it alone."""
    rows = list(drawn())
    upwards = [
        (folder, other)
        for folder, others in built().items()
        for other in others
        if rows.index(other) < rows.index(folder)
    ]
    assert not upwards


def test_no_circular_imports() -> None:
    """A circle means that two files are one."""
    graph = {name: {other for other in imports(path) if other in FILES} for name, path in FILES.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circular import: " + " -> ".join((*trail, name))
        if name not in done:
            for target in graph[name] - {name}:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("folder", ["plugins/module_utils", "plugins/plugin_utils", "plugins/filter"])
def test_every_test_stands_where_its_file_stands(folder: str) -> None:
    """Whoever changes a file finds its tests by its name."""
    tests = ROOT / "tests" / "unit" / folder
    for test in tests.rglob("test_*.py"):
        beside = PLUGINS.parent / folder / test.relative_to(tests).parent
        assert beside.is_dir(), f"{test.relative_to(ROOT)} stands in a folder that {folder} has not"
