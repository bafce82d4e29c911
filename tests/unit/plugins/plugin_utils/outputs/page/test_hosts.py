# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folds of a card: a host's whole account, how exact it is, and how sure its findings are."""

from __future__ import annotations

import copy
import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import SeenFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import hosts as html_hosts
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of

GIB = 1024**3
HOST = next(host for host in audits.audit_with_history(60)["hosts"] if host["dimensions"])
TODAY = "2026-11-24T12:00:00Z"


def changed(**changes):
    """The host with changes."""
    return entry_of(copy.deepcopy(HOST) | changes)


@pytest.mark.parametrize(
    ("status", "first", "words"),
    [
        ("current", TODAY, ""),
        ("current", "2026-11-24T01:00:00Z", ""),
        ("suspected", None, "suspected"),
        ("confirmed", "2026-11-20T12:00:00Z", "confirmed, first seen 2026-11-20"),
        ("long_standing", TODAY, "long-standing"),
    ],
)
def test_how_sure_and_since_when(status, first, words):
    """What began today, and is there, needs no words."""
    finding = SeenFinding(**synthetic.finding(status=status), first_seen_at=first)
    assert html_hosts.seen_words(finding, TODAY) == words


def cells(host):
    """The rows of an account: kind, size, share and, where there is one, the remark."""
    table = html_hosts.account(host)
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table)
    return [re.findall(r"[^<>]+(?=</t[hd]>)", row) for row in rows]


def test_the_account_has_every_kind_with_its_share():
    """Whoever adds it up comes to what the host's total says."""
    amounts = dict.fromkeys(HOST["dimensions"], 0) | {"percpu_bytes": 2 * GIB}
    host = changed(dimensions=amounts, host=HOST["host"] | {"memory_total_bytes": 64 * GIB})
    found = cells(host)
    assert len(found) == len(DIMENSIONS)
    assert ["Per-CPU", "2\u00a0GiB", "3.1\u00a0%"] in found and ["Vmalloc", "0\u00a0B", "0\u00a0%"] in found


def test_what_is_not_known_is_a_dash_with_its_reason():
    """A zero would be a lie, and a dash alone a question."""
    amounts = HOST["dimensions"] | {"percpu_bytes": None}
    host = changed(dimensions=amounts, unavailable={"percpu_bytes": "Linux before 4.20 does not tell it."})
    found = {row[0]: row[1:] for row in cells(host)}
    assert found["Per-CPU"] == ["–", "–", "Linux before 4.20 does not tell it."]
    assert '<th scope="col">Remark</th>' in html_hosts.account(host)
    assert "Remark" not in html_hosts.account(changed())


def test_remarks_say_how_exact_the_account_is_and_who_may_hold_memory():
    """The numbers alone can't tell a lower bound from the truth."""
    accounting = HOST["accounting"] | {
        "bound": "lower",
        "reasons": ["No Percpu."],
        "holders": [{"kind": "zfs", "name": "ZFS", "bytes": None, "explanation": "its cache is in no counter."}],
    }
    said = html_hosts.remarks(changed(accounting=accounting, waived=[synthetic.finding(status="waived")]))
    assert said[1:3] == ["No Percpu.", "ZFS: its cache is in no counter."]
    assert said[0] != html_hosts.remarks(changed())[0]
    assert said[-1] == "Waived: Unreclaimable slab is 12 GiB; the limit is 8 GiB."


def test_a_history_that_is_not_judged_says_why():
    """Otherwise silence would look like *nothing grows*."""
    usual = HOST["baseline"]["kernel_unreclaimable"] | {"state": "learning", "samples": 3, "needed": 7}
    said = html_hosts.remarks(changed(baseline={"kernel_unreclaimable": usual}))
    assert "Its own history is not judged yet: 3 of 7 samples are there." in said
    assert not any("history" in one for one in html_hosts.remarks(changed()))
