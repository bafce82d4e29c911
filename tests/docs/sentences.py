# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences with which the collection refuses something, as they stand in its code; ``…`` is what it fills in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PLACES = ("plugins", "cli")
OURS = "fleetaudit.kernel_memory."
GAP = "…"
NOT_SHOWN = frozenset(
    "AssertionError KeyError TypeError AttributeError RuntimeError OSError Wrong Late Refused CantBeHonouredError "
    "GatheringError".split()
)
"""What is raised for the code alone: it becomes the reason of a host without data, a note, or another way."""
_FIELD = re.compile(r"%[sdr]|\{[^{}]*\}")
_LEAST_WORDS = 3


def sentences() -> dict[str, set[str]]:
    """The sentences of each file, by its path."""
    found = {}
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if told := set(_raised(tree)):
                found[str(path.relative_to(ROOT))] = told
    return found


def _raised(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            if ast.unparse(node.exc.func).rpartition(".")[2] in NOT_SHOWN:
                continue
            text = _joined(_text(node.exc.args[0], constants))
            if len(re.findall(r"[A-Za-z]{2,}", text.replace(OURS, ""))) >= _LEAST_WORDS:
                yield text


def _joined(text: str) -> str:
    return re.sub(f"{GAP}(?:{GAP}|, {GAP})+", GAP, " ".join(text.split()))


def _text(node: ast.expr, constants: Mapping[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(one, constants) for one in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, constants) + _text(right, constants)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _FIELD.sub(GAP, _text(left, constants))
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _FIELD.sub(GAP, _text(value, constants))
        case ast.Name(id=name) if name in constants:
            return _text(constants[name], {})
    return GAP


def sentences_of_a_page(path: Path) -> list[str]:
    """The sentences that a page of the guides has in the first cells of its tables, in code spans."""
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\) \| ", row.removeprefix("| "))[0] for row in rows]
    return [text.strip("`").strip().replace("\\|", "|") for cell in cells for text in cell.split("<br>")]
