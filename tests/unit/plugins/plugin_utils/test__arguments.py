# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of planning, gathering and reporting: what ansible-doc promises is what the actions take."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _arguments

ROOT = Path(__file__).parents[4]


def of(path):
    """The documentation that a file holds."""
    return next(
        yaml.safe_load(node.value.value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
    )


def documented(module):
    """The options of a module's documentation, with those that it shares."""
    found = of(ROOT / "plugins" / "modules" / f"kernel_memory_{module}.py")
    shared = "fleetaudit.kernel_memory.audit" in found.get("extends_documentation_fragment", [])
    return found["options"] | (of(ROOT / "plugins" / "doc_fragments" / "audit.py")["options"] if shared else {})


@pytest.mark.parametrize("module", ["plan", "gather", "report"])
def test_documentation_and_arguments_agree(module):
    """Each option with its type, choices, default and need."""
    options, specification = documented(module), getattr(_arguments, f"{module}_argument_spec")()
    assert set(options) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert options[option].get(key) == expected.get(key), f"{option}.{key}"


def test_what_the_report_uses_is_checked_before_any_host_is_touched():
    """A misspelt output would otherwise be found after ten thousand hosts were asked."""
    shared = _arguments.shared_argument_spec()
    for specification in (_arguments.plan_argument_spec(), _arguments.report_argument_spec()):
        assert {name: specification[name] for name in shared} == shared


def test_nobody_changes_the_specification_of_another():
    """Each call gives a dictionary of its own; Ansible writes into them."""
    _arguments.plan_argument_spec()["policy"]["type"] = "changed"
    assert _arguments.plan_argument_spec()["policy"] == {"type": "raw"}
