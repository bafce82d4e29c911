# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer as Markdown, for a ticket."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.ticket import (
    amount,
    ticket,
    words,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts


def test_a_ticket_has_the_answer_first_and_everything_behind_it() -> None:
    """Whoever reads three lines knows who it is; whoever doubts finds the figures."""
    text = ticket(three_hosts())
    lines = text.splitlines()
    assert lines[0] == "# Kernel memory: who makes it grow"
    assert "`packet_set_ring`" in lines[2] and "2 of 3 hosts answered" in lines[4]
    for part in (
        "98 % of what grows in no counter",
        "| descriptors | `4242 tcpdump` |",
        "Not investigated: No route to web3.example.",
        "Ruled out",
        "kernel_mem_audit_investigate_window=60",
    ):
        assert part in text, part


def test_a_ticket_fits_into_a_comment() -> None:
    """Hosts at its end are left out, and it says so."""
    made = three_hosts()
    made["hosts"] = made["hosts"] * 60
    text = ticket(made)
    assert len(text.encode()) < 60_000
    assert text.endswith("The rest does not fit in here; see investigation.json.\n")


@pytest.mark.parametrize(("value", "unit", "expected"), [(2048.4, "bytes", "2 KiB"), (1300.0, "objects", "1.3e+03")])
def test_an_amount_has_its_unit(value: float, unit: str, expected: str) -> None:
    """Bytes are told as people read them; objects have three digits."""
    assert amount(value, unit) == expected


def test_names_from_hosts_are_code_and_our_words_are_not() -> None:
    """A name between backticks in a sentence keeps its characters, and nothing else becomes markup."""
    assert words("`a_b*c`: *much*") == "`a_b*c`: \\*much\\*"
