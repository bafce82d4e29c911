# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison says in one sentence and in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.comparison import Difference, Measured
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.audit.test_compare import BASE

NONE = compare_audits(read(BASE), read(BASE))


def difference(name, severity="warning"):
    return Difference(name, "percpu", "limit", "bytes", severity, None, None, "Per-CPU is 2 GiB.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "0 hosts are worse and 0 are better"),
        ({"worse": (difference("a"),)}, "1 host is worse and 0 are better"),
        (
            {"worse": (difference("a"),), "appeared": (difference("a"), difference("b"))},
            "2 hosts are worse and 0 are better",
        ),
        ({"worse": (difference("a"),), "appeared": (difference("a"),)}, "1 host is worse and 0 are better"),
        ({"appeared": (difference("a", "info"),)}, "0 hosts are worse and 0 are better"),
        ({"vanished": (difference("a", "critical"),)}, "0 hosts are worse and 1 is better"),
        ({"data_lost": ("a", "b")}, "0 hosts are worse, 0 are better and 2 hosts gave no data this time"),
        ({"hosts_added_in_trouble": ("a",)}, "0 hosts are worse, 0 are better and 1 host came with findings"),
    ],
)
def test_the_sentence_counts_hosts_once_and_no_information(changes, sentence):
    """It is the subject of a mail: a host with two findings is one host, and a host that is silent is not better."""
    assert replace(NONE, **changes).sentence == sentence


def test_a_finding_in_numbers_or_none():
    """None says that the audit had it not."""
    assert Measured.of(None) is None
    assert Measured.of(Finding(**synthetic.finding(value=3, limit=2))) == Measured("warning", 3, 2)


def test_the_numbers_are_those_of_the_lists():
    """The task returns them, and a playbook decides by them."""
    found = replace(NONE, worse=(difference("a"), difference("b")), hosts_gone=("c",))
    assert (found.numbers()["worse"], found.numbers()["hosts_gone"], found.numbers()["better"]) == (2, 1, 0)
    assert found.as_plain()["schema"] == "fleetaudit.kernel_memory.compare/1"
