# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PCP: what pmrep and pcp2json print becomes points that can be worked out by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import pcp
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import KIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


def test_csv_and_json_are_in_kib_and_utc() -> None:
    """The first row of each saved output, by hand."""
    first = pcp.points_of(saved_output("pcp_pmrep.csv"), "vm")[0]
    assert (first.moment, first.host) == (1795514861.0, "vm")
    assert first.counters["slab_unreclaimable"] == 59240 * KIB
    first = pcp.points_of(saved_output("pcp_pcp2json.json"), None)[0]
    assert (first.host, first.counters["kernel_stack"], first.counters["vmalloc_used"]) == (
        "vm",
        4896 * KIB,
        9116 * KIB,
    )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("a,b\n1,2\n", "its first line does not begin with Time."),
        ('{"@pcp": {}}', "This is not the output of pcp2json: it has no @pcp with @hosts."),
        ('{"@pcp": {"@hosts": [{"@host": "vm"}]}}', "A host in the output of pcp2json has no @host or no @metrics."),
        ("{", "is not what pcp2json prints; save it again, whole, and import that."),
    ],
)
def test_what_is_neither_is_refused_in_a_sentence(output: str, sentence: str) -> None:
    """Two tools, two forms, and a mistake in either is told apart."""
    with pytest.raises(ValueError) as caught:
        pcp.points_of(output, "vm")
    assert str(caught.value).endswith(sentence)


def test_a_row_without_a_time_or_a_counter_is_none() -> None:
    """pmrep prints N/A while it has only one reading, and a last line may be cut."""
    rows = "Time,mem.util.kernelStack\n2026-11-20T10:00:00Z,N/A\nnever,5\n2026-11-20T10:01:00+01:00,5\n"
    (point,) = pcp.points_of(rows, "vm")
    assert (point.moment, point.counters) == (1795165260.0, {"kernel_stack": 5 * KIB})


def test_a_host_that_is_given_wins_over_the_one_that_pcp2json_names() -> None:
    """A host knows itself by another name than the inventory does."""
    assert {point.host for point in pcp.points_of(saved_output("pcp_pcp2json.json"), "web1")} == {"web1"}


def test_csv_names_no_host_and_needs_one() -> None:
    """Else all hosts would be one."""
    with pytest.raises(ValueError, match=r"^The CSV of pmrep does not say of which host it is; give host, too\.$"):
        pcp.points_of(saved_output("pcp_pmrep.csv"), None)


def test_a_broken_file_is_told_by_its_own_line() -> None:
    """pcp2json writes lines of comment before its data; they count."""
    with pytest.raises(ValueError, match="^Line 3 of this"):
        pcp.points_of('{ "//": "comment" }\n{\n  broken\n}', "vm")
