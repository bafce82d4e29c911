# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fenced blocks of README and the guides.

What a block needs, or why it is not run, is said by a comment in the line before it, which readers do not see::

    <!-- block: needs AWX -->
    <!-- block: ends with 2 -->
    <!-- block: not run: the reason -->
    <!-- block: policy -->                      (what a block of YAML or SQL is)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

_BLOCK = re.compile(
    r"(?:^[ ]*<!-- block: (?P<said>[^\n]*) -->\n)?"
    r"^(?P<indent>[ ]*)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
SHELL = ("sh", "console", "shell")
LANGUAGES = (*SHELL, "yaml", "sql", "text")


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    guide: str
    line: int
    language: str
    text: str
    said: str
    """What the comment before it says."""

    @property
    def not_run(self) -> str:
        """The reason why it can't be run here; empty where it can."""
        return self.said.removeprefix("not run: ") if self.said.startswith("not run: ") else ""

    @property
    def needs(self) -> str:
        """What must be there for it, such as ``AWX``; empty for what every reader has."""
        found = re.search(r"needs (?:a |an )?([^,]+)", "" if self.not_run else self.said)
        return found[1] if found else ""

    @property
    def ends_with(self) -> int:
        """The exit code that its reader is told to expect."""
        found = re.search(r"ends with (\d+)", "" if self.not_run else self.said)
        return int(found[1]) if found else 0

    @property
    def kind(self) -> str:
        """What a block of YAML or SQL is: ``policy``, ``tasks``, ``play`` ..."""
        return self.said.partition(",")[0]

    @property
    def commands(self) -> str:
        """What its reader types."""
        if self.language != "console":
            return self.text
        return "\n".join(line[2:] for line in self.text.splitlines() if line.startswith("$ "))

    @property
    def output(self) -> list[str]:
        """The lines that a block of the language ``console`` says are printed; ``...`` stands for more."""
        if self.language != "console":
            return []
        return [line for line in self.text.splitlines() if not line.startswith("$ ") and line.strip() != "..."]

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.guide}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """All blocks of these languages."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [block for path in paths for block in blocks_of(path) if block.language in languages]


def blocks_of(path: Path) -> Iterator[Block]:
    """The blocks of a guide."""
    text = path.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        lines = [line.removeprefix(found["indent"]) for line in found["text"].splitlines()]
        yield Block(
            guide=str(path.relative_to(ROOT)),
            line=text.count("\n", 0, found.start("language")) + 1,
            language=found["language"],
            text="\n".join(lines) + "\n",
            said=found["said"] or "",
        )
