# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables: what is known, what was meant, and what is nobody's business here."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.names import (
    environment_problems,
    looks_like_ours,
    name_problem,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.table import SETTINGS


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("kernel_mem_audit_polcy", "kernel_mem_audit_policy"),
        ("kernel_mem_audit_fail_no", "kernel_mem_audit_fail_on"),
        ("kernel_mem_audit_Policy", "kernel_mem_audit_policy"),
        ("kernel_mem_audit_output", "kernel_mem_audit_outputs"),
        ("kernel_mem_audit_gate_folder", "kernel_mem_audit_gate_dir"),
        ("kernel_memory_audit_policy", "kernel_mem_audit_policy"),
        ("kernel_mem_adit_policy", "kernel_mem_audit_policy"),
        ("kernelmem_audit_timeout", "kernel_mem_audit_timeout"),
        ("KERNEL_MEM_AUDIT_TIMEOUT", "kernel_mem_audit_timeout"),
    ],
)
def test_a_misspelt_setting_is_refused_and_the_right_one_named(wrong: str, right: str) -> None:
    """Ansible ignores it, and a gate would pass by limits that nobody chose."""
    problem = name_problem(wrong, by_hand=True)
    assert problem is not None and wrong in problem
    if "folder" not in wrong:
        assert right in problem.split("did you mean ")[1]


def test_a_name_that_is_near_none_is_refused_all_the_same() -> None:
    """Every name that begins so is the collection's."""
    assert name_problem("kernel_mem_audit_zzzz", by_hand=False) == (
        "kernel_mem_audit_zzzz is no setting of this collection; docs/settings.md lists all"
    )


@pytest.mark.parametrize("name", ["kernel_memory", "kernel_mem", "kernel_memory_limit", "web_port", "kernel_mem_total"])
def test_names_of_others_are_left_alone(name: str) -> None:
    """A fleet may have variables of its own about kernel memory; facts are called kernel_memory."""
    assert name_problem(name, by_hand=True) is None


def test_what_the_playbooks_set_themselves_is_not_to_be_given_by_hand() -> None:
    """-e kernel_mem_audit_report=x would take the place of a task's result, and the report would fail at the end."""
    assert name_problem("kernel_mem_audit_report", by_hand=False) is None
    problem = name_problem("kernel_mem_audit_report", by_hand=True)
    assert problem is not None and "kernel_mem_audit_report_dir" in problem


def test_what_a_workflow_hands_on_is_no_mistake() -> None:
    """AWX gives the data of set_stats to later jobs as extra variables."""
    assert name_problem("kernel_mem_audit_result", by_hand=True) is None
    assert name_problem("kernel_mem_audit_gate", by_hand=True) is None


def test_every_setting_is_known() -> None:
    """The table is the list of names."""
    assert [name for name in SETTINGS if name_problem(name, by_hand=True) or not looks_like_ours(name)] == []


def test_a_misspelt_environment_variable_is_refused() -> None:
    """A run with KERNEL_MEM_AUDIT_HISTROY set would keep its history where nobody looks."""
    assert environment_problems(["KERNEL_MEM_AUDIT_HISTORY", "HOME", "KERNEL_MEMORY"]) == []
    (problem,) = environment_problems(["KERNEL_MEM_AUDIT_HISTROY"])
    assert problem.endswith("did you mean KERNEL_MEM_AUDIT_HISTORY?")
