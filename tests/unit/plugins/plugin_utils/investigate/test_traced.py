# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to the fourth question, checked."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.traced import Refusal, traced
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import packet_rings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import traced as answer_of


def test_it_is_taken_apart() -> None:
    """Sites with who came there, and all of it as one site."""
    found = traced(packet_rings()[2])
    [trace] = found.traces
    assert (found.refused, trace.dimension, trace.lost, trace.kept) == (None, "unaccounted", 0, 1)
    assert trace.sites is not None and trace.sites[0].stack[0] == "packet_set_ring"
    assert trace.sites[0].who[0].process.command == "tcpdump"
    assert trace.whole is not None and trace.whole.bytes == trace.total_bytes


def test_a_trace_without_a_result_has_no_sites() -> None:
    """That is not the same as none found."""
    told = packet_rings()[2]
    told["traces"][0]["result"] = None
    [trace] = traced(told).traces
    assert (trace.sites, trace.whole, trace.total_bytes) == (None, None, 0)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["load", 5.0, 2.0], Refusal("load", 5.0, 2.0)),
        (["instance", "EINVAL", None], Refusal("instance", "EINVAL", None)),
        (["not_mounted"], Refusal("not_mounted", None, None)),
    ],
)
def test_a_refusal_has_a_figure_or_a_word(told: list[object], expected: Refusal) -> None:
    """And may have neither."""
    assert traced(answer_of(refused=told)).refused == expected


@pytest.mark.parametrize("function", [["f", 1], ["f", -1, 0], [7, 1, 0], "f"])
def test_a_function_that_is_none_is_refused(function: object) -> None:
    """In one sentence."""
    told = packet_rings()[2]
    told["traces"][0]["result"]["functions"] = [function]
    with pytest.raises(ValueError, match=r"^The host's answer can't be used: .*\.$"):
        traced(told)
