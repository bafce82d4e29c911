# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation may be told stands in the documentation, is checked in one sentence, and travels whole."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import (
    arguments as investigation_arguments,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import settings as asking
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import settings

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


def arguments(**changed: Any) -> dict[str, Any]:
    """The defaults, but for what is changed."""
    return {name: told.get("default") for name, told in asking.argument_spec().items()} | changed


@pytest.mark.parametrize(
    ("module", "specification"),
    [
        ("kernel_memory_investigate", asking.argument_spec()),
        ("kernel_memory_investigation", investigation_arguments.argument_spec()),
    ],
)
def test_documentation_and_arguments_agree(module: str, specification: dict[str, Any]) -> None:
    """ansible-doc must not promise an option that the action refuses, nor hide one."""
    options = documented(module)
    assert set(options) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert options[option].get(key) == expected.get(key), f"{option}.{key}"


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
