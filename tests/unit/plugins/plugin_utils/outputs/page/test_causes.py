# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs attention: a card a cause."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.causes import attention
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, growing
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_a_card_says_what_since_who_next_and_the_rest_is_folded() -> None:
    """A line each; the formula stands in a fold."""
    audit, causes = growing.checked(3)
    drawn = attention(audit, causes, "")
    assert re.findall(r"<dt>(\w+)</dt>", drawn) == ["What", "Since", "Who", "Next"]
    assert '<div class="left"><b>9</b> <span>days left</span></div>' in drawn
    before, after = drawn.split("How this was judged")
    explanation = causes[0].first.host.findings[0].explanation
    assert explanation not in before and explanation in after
    for words in ("Copy as ticket text", "Copy host name", "All kernel memory of"):
        assert words in after


def test_hosts_of_one_cause_are_listed_once_with_bars_on_one_scale() -> None:
    """Each name stands in one card."""
    audit = read(audits.audit_with_history(200))
    causes = causes_of(audit.hosts)
    drawn = attention(audit, causes, "")
    listed = [
        name
        for part in re.findall(r'<ul class="who">(.*?)</ul>', drawn)
        for name in re.findall(r"<bdi[^>]*>([^<]+)", part)
    ]
    assert listed and len(listed) == len(set(listed))
    assert set(re.findall(r'<svg class="bar" width="(\d+)"', drawn)) == {"60"}


def test_without_causes_it_says_so() -> None:
    """An empty section would be a question."""
    audit = read(
        {**audits.audit_with_history(60), "hosts": growing.audit(3)["hosts"][1:], "groups": [], "fleet_findings": []}
    )
    assert "No host that was judged is above a limit." in attention(audit, (), "")
