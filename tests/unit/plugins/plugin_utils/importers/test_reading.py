# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which reader takes a text, whose it is, and where something is wrong."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.reading import Text, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


def hosts(source: str, name: str, host: str | None) -> set[str]:
    """Of whom a saved output is."""
    parts = read(source, [Text("a file", saved_output(name))], host)
    return {point.host for part in parts for point in part.points}


def test_outputs_that_name_no_host_need_one() -> None:
    """Else all hosts would be one."""
    with pytest.raises(ValueError, match=r"^a file: The CSV of pmrep does not say of which host it is"):
        hosts("pcp", "pcp_pmrep.csv", None)
    with pytest.raises(ValueError, match=r"^What netdata answers does not say of which host it is; give host, too\.$"):
        hosts("netdata", "netdata_1.37.1_v1_data_mem_kernel.json", None)


def test_the_inventorys_name_wins_over_what_a_host_calls_itself() -> None:
    """On a host itself sadf and PCP know the host by another name."""
    for source, name in (("sysstat", "sadf_12.6.1_r_ALL_restart_comment.json"), ("pcp", "pcp_pcp2json.json")):
        assert hosts(source, name, "web1") == {"web1"}
        assert hosts(source, name, None) == {"vm"}


@pytest.mark.parametrize("source", ["prometheus", "sysstat", "pcp"])
def test_an_error_names_the_text_that_it_is_in(source: str) -> None:
    """Of forty files, one is bad."""
    with pytest.raises(ValueError, match=r"^bad\.json: "):
        list(read(source, [Text("bad.json", "{ x")], None))


def test_each_answer_of_a_server_is_a_part() -> None:
    """So that many large files come in one by one."""
    text = Text("a file", saved_output("prometheus_2.42_query_range_node_memory.json"))
    assert len(list(read("prometheus", [text, text], None))) == 2
