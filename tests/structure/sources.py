# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own Python files, and what each of them imports of the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
OURS = "ansible_collections.fleetaudit.kernel_memory.plugins"
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def python_files(folder: str) -> list[Path]:
    """The Python files of a folder of ``plugins`` and below."""
    return sorted((PLUGINS / folder).rglob("*.py"))


def every_python_file() -> list[Path]:
    """All Python of the project."""
    return [
        path for folder in ("plugins", "tests", "tools", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))
    ]


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The full name of everything that a file imports, at any level; of ``from x import y`` both ``x`` and ``x.y``."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = [OURS, *path.relative_to(PLUGINS).parts[:-1]] if path.is_relative_to(PLUGINS) else []
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def module_name(path: Path) -> str:
    """The full name of a file of ``plugins`` as a module."""
    return ".".join([OURS, *path.relative_to(PLUGINS).with_suffix("").parts])


def folder_of(path: Path) -> str:
    """The folder of a file below ``plugins``, as docs/architecture.md writes it: ``plugin_utils/rules``."""
    return "/".join(path.relative_to(PLUGINS).parts[:-1])


def documentation(path: Path) -> list[ast.Assign]:
    """The statements of a plugin that ansible-doc shows."""
    return [
        node
        for node in syntax_tree(path).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION
    ]


def documented(path: Path, what: str) -> str:
    """The text of DOCUMENTATION, EXAMPLES or RETURN of a plugin."""
    [node] = [node for node in documentation(path) if getattr(node.targets[0], "id", "") == what]
    assert isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return node.value.value
