# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the gate: what ansible-doc promises, what the action takes, and what the role hands on are the
same.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._gate_arguments import gate_argument_spec

ROOT = Path(__file__).parents[4]
ROLE = ROOT / "roles" / "kernel_mem_audit"
WORDS = ("", "_host", "_begun", "_before", "_judged", "_made", "_message", "_service")
REGISTERED = {"kernel_mem_audit_settings", *(f"kernel_mem_audit_gate{word}" for word in WORDS)}
HANDED_ON = re.compile(r"set_stats:\n\s+data:\n\s+(\w+):")


def test_documentation_and_arguments_agree() -> None:
    """Each option with its type, choices, default and need."""
    tree = ast.parse((ROOT / "plugins" / "modules" / "kernel_memory_gate.py").read_text())
    text = next(
        node.value.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "DOCUMENTATION"
    )
    documented, specification = yaml.safe_load(text)["options"], gate_argument_spec()
    assert set(documented) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert documented[option].get(key) == expected.get(key), f"{option}.{key}"


def test_the_role_documents_every_variable_that_its_gate_reads() -> None:
    """And reads every one that it documents."""
    documented = set(
        yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["gate"]["options"]
    )
    read = {
        name
        for path in (ROLE / "tasks").glob("gate*.yml")
        for name in re.findall(r"\bkernel_mem_audit_\w+", path.read_text())
    }
    assert read - REGISTERED == documented


def test_what_is_handed_on_has_a_name_that_no_task_registers() -> None:
    """It comes back as an extra variable, which wins over registered ones: an old pass would silence every stop."""
    texts = [path.read_text() for folder in ("roles", "playbooks") for path in (ROOT / folder).rglob("*.yml")]
    handed = {name for text in texts for name in HANDED_ON.findall(text)}
    registered = {name for text in texts for name in re.findall(r"register: (\w+)", text)}
    assert handed >= {"kernel_mem_audit_gate", "kernel_mem_audit_result"}
    assert handed & registered == set()


def test_every_task_of_the_gate_runs_whatever_tags_are_asked_for() -> None:
    """A tag would switch the gate off, and the run would end with 0."""
    for path in (ROLE / "tasks").glob("gate*.yml"):
        for task in yaml.safe_load(path.read_text()):
            assert task["tags"] == ["always"], f"{path.name}: {task['name']}"


def test_no_playbook_uses_a_brake_of_ansible_that_fails_open() -> None:
    """any_errors_fatal starts the next batch after an unreachable host, and as a template it is always true on some
    versions.
    """
    for name in ("gate", "rolling_upgrade"):
        text = (ROOT / "playbooks" / f"{name}.yml").read_text()
        assert "any_errors_fatal" not in text
        assert all(play["strategy"] == "linear" for play in yaml.safe_load(text))
