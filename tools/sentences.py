# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the sentences with which the code refuses something into docs/troubleshooting.md; ``…`` is what is filled in.

Usage: sentences.py          What they mean and what to do is written by hand; each row names its files in a comment.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "troubleshooting.md"
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
_ROW = re.compile(r"^\| `.*? (?=\| [^|]* \| [^|]*<!-- (?P<files>[\w/. ]+) --> \|$)", re.MULTILINE)


def main() -> int:
    """Rewrite the page, or name the files that have no row."""
    text, left = rewritten(PAGE.read_text(encoding="utf-8"), sentences())
    PAGE.write_text(text, encoding="utf-8")
    if left:
        print(f"sentences: no row of {PAGE.name} names {', '.join(left)}; write one, or add the file to a row.")
    return 1 if left else 0


def rewritten(page: str, found: Mapping[str, set[str]]) -> tuple[str, list[str]]:
    """Return the page with the sentences of the code in its rows, and the files that no row names."""
    named: set[str] = set()

    def row(match: re.Match[str]) -> str:
        files = match["files"].split()
        named.update(files)
        told = dict.fromkeys(text for name in files for text in sorted(found.get(name, ())))
        return f"| {'<br>'.join(map(_as_code, told))} " if told else match[0]

    text = _ROW.sub(row, page)
    return text, sorted(set(found) - named)


def _as_code(text: str) -> str:
    fence, blank = ("``", " ") if "`" in text else ("`", "")
    return f"{fence}{blank}{text}{blank}{fence}".replace("|", "\\|")


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


if __name__ == "__main__":
    sys.exit(main())
