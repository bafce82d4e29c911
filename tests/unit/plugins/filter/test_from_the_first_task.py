# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_the_first_task."""

from __future__ import annotations

import pytest
from ansible import context
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter import from_the_first_task as plugin

from_the_first_task = plugin.FilterModule().filters()["from_the_first_task"]


def test_it_returns_the_pattern_of_a_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the option unset, as the command line leaves it, and where there is no command line."""
    for arguments in ({}, {"start_at_task": None}):
        monkeypatch.setattr(context, "CLIARGS", arguments)
        assert from_the_first_task("web") == "web"


def test_it_refuses_a_run_that_begins_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all tasks could be left out, and the run would end with 0."""
    monkeypatch.setattr(context, "CLIARGS", {"start_at_task": "Stop"})
    with pytest.raises(AnsibleFilterError, match="without --start-at-task"):
        from_the_first_task("web")
