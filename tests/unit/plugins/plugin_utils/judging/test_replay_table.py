# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A replay as plain data and as a table."""

from __future__ import annotations

import csv
import io
import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging import replay_table as _replay_table
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.replay import Alarm, Replay

HOSTILE = Alarm("2024-10-05", "=cmd()", "percpu", "limit", "warning", "It is\nhigh.")


def test_the_table_is_safe_in_a_spreadsheet() -> None:
    """Host names are anybody's."""
    rows = list(csv.reader(io.StringIO(_replay_table.alarms_csv(Replay(alarms=[HOSTILE])))))
    assert rows[0] == list(_replay_table.COLUMNS) and rows[1][1] == "'=cmd()" and len(rows) == 2


def test_the_summary_is_bounded_and_can_be_json() -> None:
    """Alarms of a bad policy on a large fleet must not fill the answer of a task; the table has them all."""
    found = Replay(alarms=[HOSTILE] * 1500, hosts=1, samples=3, host_days=3)
    summary = json.loads(json.dumps(_replay_table.summary(found)))
    assert (summary["hosts"], summary["samples"], summary["host_days"]) == (1, 3, 3)
    assert len(summary["alarms"]) == _replay_table.MOST_ALARMS and summary["alarms"][0] == HOSTILE.as_plain()
    assert summary["days"] == [{"day": "2024-10-05", "warning": 1500, "critical": 0, "hosts": ["=cmd()"]}]
    assert summary["rates"] == {"warning": 500000.0, "critical": 0.0}


def test_the_page_is_whole_and_safe() -> None:
    """It needs nothing else, and no host writes into it."""
    hostile = Alarm("2024-10-05", "<script>alert(1)</script>", "percpu", "limit", "warning", "It is\x1b[2J high.")
    page = _replay_table.page(Replay(alarms=[hostile], hosts=1, samples=3, host_days=3), "Last quarter", ["Left out."])
    assert "<script" not in page and "&lt;script&gt;" in page and "\x1b" not in page
    assert "1 hosts, 3 samples, 3 host-days; 1 new alarms." in page and "<p>Left out.</p>" in page
    assert page.count("<tr>") == 4 and "src=" not in page and "href=" not in page
