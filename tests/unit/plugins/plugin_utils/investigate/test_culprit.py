# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a culprit is an answer, and when two hosts have the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.culprit import Culprit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.looked import Process

WHOLE = Culprit("trace", "high", "percpu", ("f", "g"), Process("db", 7), what="maps")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"confidence": "medium"}, True),
        ({"confidence": "low"}, False),
        ({"process": None}, False),
        ({"stack": ()}, True),
        ({"stack": (), "what": None}, False),
    ],
)
def test_an_answer_has_a_process_and_a_function_or_an_object(changed: dict[str, object], expected: bool) -> None:
    """Then nobody needs to be traced."""
    assert replace(WHOLE, **changed).is_answer is expected


def test_two_hosts_have_the_same_by_function_and_command() -> None:
    """Numbers of processes and units differ; the object counts where no function is known."""
    assert replace(WHOLE, process=Process("db", 99, unit="x.service"), what="other").key == WHOLE.key
    assert replace(WHOLE, stack=("h",)).key != WHOLE.key
    assert replace(WHOLE, stack=(), what="keys").key != replace(WHOLE, stack=(), what="maps").key
