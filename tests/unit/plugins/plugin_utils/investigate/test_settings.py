# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation may be told stands in the documentation, is checked in one sentence, and travels whole."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import planning
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import settings as asking
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.program import FILES, program
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.lean import command_with_program

PLUGINS = Path(__file__).parents[5] / "plugins"


def documented(module: str) -> dict[str, Any]:
    """The options of a module as ansible-doc shows them."""
    tree = ast.parse((PLUGINS / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    text = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
        and isinstance(node.value, ast.Constant)
    )
    options: dict[str, Any] = yaml.safe_load(str(text))["options"]
    return options


@pytest.mark.parametrize(
    ("module", "specification"),
    [("kernel_memory_investigate", asking.argument_spec()), ("kernel_memory_investigation", planning.argument_spec())],
)
def test_documentation_and_arguments_agree(module: str, specification: dict[str, Any]) -> None:
    """ansible-doc must not promise an option that the action refuses, nor hide one."""
    options = documented(module)
    assert set(options) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert options[option].get(key) == expected.get(key), f"{option}.{key}"


def arguments(**changed: Any) -> dict[str, Any]:
    """The defaults, but for what is changed."""
    return {name: told.get("default") for name, told in asking.argument_spec().items()} | changed


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"windows": 1}, "windows is 1; give 2 to 20 windows."),
        ({"window": 0.0}, "window is 0; give 0.5 to 600 seconds."),
        ({"trace_seconds": 60.0}, "trace_seconds is 60; give 0.5 to 5 seconds."),
        ({"trace_load": 0.0}, "trace_load is 0; give 0.1 to 1000 of load a CPU."),
    ],
)
def test_a_wrong_setting_is_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    """What is wrong, and what to give."""
    with pytest.raises(ValueError) as error:
        settings(arguments(**changed))
    assert str(error.value) == sentence


def test_to_trace_always_is_to_trace() -> None:
    """Nobody should have to say both."""
    assert settings(arguments(trace_always=True)).trace
    assert not settings(arguments()).trace


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"hosts": 0}, "kernel_mem_audit_investigate_hosts is 0; give 1 or more."),
        ({"healthy": -1}, "kernel_mem_audit_investigate_healthy is -1; give 0 to 100."),
        ({"phase": "report"}, "plan is missing; give what the phase plan returned."),
    ],
)
def test_a_wrong_plan_is_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    """Before any host is touched."""
    told = {name: one.get("default") for name, one in planning.argument_spec().items()}
    with pytest.raises(ValueError) as error:
        planning.check({**told, "phase": "plan", **changed})
    assert str(error.value) == sentence


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
