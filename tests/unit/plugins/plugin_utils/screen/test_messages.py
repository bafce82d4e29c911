# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages say what the terminal says, and no name of a host calls people."""

from __future__ import annotations

import dataclasses
import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.messages import messages, ticket, worst_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.screen.test_last_screen import (
    CAUSE,
    WELL,
    changed,
)

BAD = changed(critical=1, ok=2, causes=(CAUSE,), causes_total=1)


def test_every_form_has_the_verdict_the_days_left_and_the_owner() -> None:
    """Who is woken up sees how long is left."""
    found = messages(BAD)
    assert found["title"] == "CRITICAL: 1 of 3 hosts. First to run out: db-17.fra1 in about 9 days."
    line = "9 days: db-17.fra1: Unreclaimable slab 8.2 of 9.9 GiB, 188 MiB a day since 21 Oct, kmalloc-512"
    for name in ("text", "ticket", "slack", "mattermost", "teams", "pagerduty"):
        body = json.dumps(found[name])
        assert "1 of 3 hosts" in body and line in body, name


def test_on_call_is_resolved_when_all_is_well_again() -> None:
    """An alarm that never ends is one that nobody believes."""
    bad, well = messages(BAD)["pagerduty"], messages(WELL)["pagerduty"]
    assert isinstance(bad, dict) and isinstance(well, dict)
    assert (bad["event_action"], well["event_action"]) == ("trigger", "resolve")
    assert bad["dedup_key"] == well["dedup_key"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"critical": 1, "without_data": 1}, "critical"), ({"without_data": 1, "warning": 1}, "unknown"), ({}, "ok")],
)
def test_no_data_is_worse_than_a_warning(fields: dict[str, int], kind: str) -> None:
    """No data is never well."""
    assert worst_of(changed(**fields)) == kind


def test_no_name_leaves_its_code_or_becomes_markup() -> None:
    """Hosts are called what their owners like."""
    rude = dataclasses.replace(CAUSE, host="``` @all <!channel> **x**")
    found = messages(changed(critical=1, causes=(rude,), causes_total=1))
    mattermost, slack = found["mattermost"], json.dumps(found["slack"])
    assert isinstance(mattermost, dict)
    (attachment,) = mattermost["attachments"]
    assert json.dumps(attachment).count("```") == 2 and "@all" not in attachment["title"] + attachment["fallback"]
    assert "mrkdwn" not in slack and "<!channel>" not in json.loads(slack)["text"]


def test_a_ticket_has_what_to_do_and_the_whole_screen() -> None:
    """So that whoever takes it needs nothing else to begin."""
    text = ticket(BAD)
    assert "  Next: See who allocates it.\n  sudo slabtop -o" in text and "REPORT    /srv/reports/today" in text


def test_it_is_bounded_whatever_the_fleet() -> None:
    """It stands in a task's result."""
    content = content_of(read(audits.audit_with_history(500, runs=5)), {"report.html": "/srv/r/report.html"})
    assert len(json.dumps(messages(content))) < 30_000
