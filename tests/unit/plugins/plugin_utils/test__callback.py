# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What callbacks are given, under the names of old and of new versions of ansible-core."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._callback import Ending, Result
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

OURS = "fleetaudit.kernel_memory.kernel_memory_"


def given(action: str, line: str = "", **values: object) -> object:
    """What ansible-core gives a callback; *line* is what stood before the names up to 2.18."""
    task = SimpleNamespace(action=action, get_name=lambda: "A task")
    host = SimpleNamespace(get_name=lambda: "web1")
    return SimpleNamespace(**{f"{line}result": values, f"{line}task": task, f"{line}host": host})


@pytest.mark.parametrize("line", ["", "_"])
def test_old_and_new_are_read_alike(line: str) -> None:
    """2.16 to the newest."""
    found = Result.of(given(f"{OURS}facts", line, msg="no", changed=True))
    assert (found.host, found.task, found.action, found.message) == ("web1", "A task", "kernel_memory_facts", "no")
    assert found.gathers and found.changed and found.planned is None and found.content is None


def test_a_plan_begins_a_run() -> None:
    """One that failed begins none."""
    values = {"run_id": "r", "spool": "/s", "hosts": 3}
    begun = Result.of(given(f"{OURS}plan", **values)).planned
    assert begun is not None and (begun.run_id, begun.spool, begun.hosts) == ("r", "/s", 3)
    assert Result.of(given(f"{OURS}plan", **values), failed=True).planned is None
    assert Result.of(given("acme.kernel.plan", **values)).planned is None


def test_the_end_has_the_screen_the_notes_and_why_the_play_failed() -> None:
    """In whatever order they come."""
    ending = Ending()
    assert ending.lines(Style()) == []
    ending.keep(Result.of(given(f"{OURS}settings", notes=["40 of 100 hosts are judged as production by default."])))
    screen = content_of(read(audits.audit(3)), {}).as_plain()
    ending.keep(Result.of(given(f"{OURS}report", screen=screen, msg="1 host is critical."), failed=True))
    text = "\n".join(ending.lines(Style()))
    assert "NOTE      1 host is critical." in text and "40 of 100 hosts" in text and "3 hosts" in text


@pytest.mark.parametrize("screen", [None, "x", {}, {"run_id": 1}])
def test_a_screen_that_is_none_is_none(screen: object) -> None:
    """A play may be replayed with an older report."""
    found = Result.of(given(f"{OURS}report", screen=screen))
    assert found.content is None and not found.reports
