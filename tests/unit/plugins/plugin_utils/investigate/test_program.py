# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a host is whole, small enough, and runs on nothing but Python."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.program import FILES, program
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.lean import command_with_program

PLUGINS = Path(__file__).parents[5] / "plugins"


def test_every_file_of_a_host_travels_after_those_that_it_imports() -> None:
    """A file that is forgotten, or comes too early, is an import that fails on every host."""
    folder = PLUGINS / "module_utils" / "investigate"
    assert set(FILES) == {path.stem for path in folder.glob("*.py")}
    for place, name in enumerate(FILES):
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                needed = [node.module] if node.module else [alias.name for alias in node.names]
                assert set(needed) <= set(FILES[:place]), f"{name} needs {needed}"


def test_the_program_fits_into_a_command_and_runs() -> None:
    """Where a connection has no standard input to give, it travels in the command."""
    text = program("MARK", {"question": "look", "deadline": 5, "wanted": {"quotes": "'\"\\\n"}})
    assert text.isascii()
    assert len(command_with_program(("python3",), "MARK", text)) < 128 * 1024
    said = subprocess.run(
        [sys.executable, "-E", "-s", "-S", "-"], input=text, capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout.split("<<MARK\n")[1].split("\nMARK>>")[0]) == {"error": "KeyError: 'processes'"}
