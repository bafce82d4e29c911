# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of planning, gathering and reporting; tests/structure holds them equal to the documentation."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _arguments


def test_what_the_report_uses_is_checked_before_any_host_is_touched():
    """A misspelt output would otherwise be found after ten thousand hosts were asked."""
    shared = _arguments.shared_argument_spec()
    for specification in (_arguments.plan_argument_spec(), _arguments.report_argument_spec()):
        assert {name: specification[name] for name in shared} == shared


def test_nobody_changes_the_specification_of_another():
    """Each call gives a dictionary of its own; Ansible writes into them."""
    _arguments.plan_argument_spec()["policy"]["type"] = "changed"
    assert _arguments.plan_argument_spec()["policy"] == {"type": "raw"}
