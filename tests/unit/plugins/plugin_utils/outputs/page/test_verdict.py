# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The top of the page: which host first, and how long is left."""

from __future__ import annotations

import html
import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.verdict import verdict
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing


def words(markup: str) -> str:
    """The text of some markup."""
    return " ".join(html.unescape(re.sub("<[^>]*>", "", markup)).replace("\u00a0", " ").split())


def test_it_says_which_host_runs_out_first_and_when() -> None:
    """The first question at night."""
    audit, causes = growing.checked(3)
    said = words(verdict(audit, causes, ""))
    name = causes[0].first.host.name
    assert f"First to run out: {name} reaches its limit of unreclaimable slab in about 9 days, around 3 Dec." in said
    assert "It grows 300 MiB a day since 4 Nov." in said and "1 host has less than 14 days" in said


def test_without_an_end_in_sight_there_is_no_such_table() -> None:
    """And nothing takes its place."""
    audit, _causes = growing.checked(3)
    said = verdict(audit, (), "")
    assert "First to run out" not in said and 'class="verdict critical alone"' in said


def test_the_counts_say_what_changed_since_the_last_audit() -> None:
    """Fewer is as easily seen as more."""
    audit, causes = growing.checked(3)
    assert "since the last audit" in words(verdict(audit, causes, ""))
