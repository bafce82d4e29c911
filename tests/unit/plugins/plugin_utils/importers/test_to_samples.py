# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the texts of another tool to runs of a history: what is asked, whose it is, and that twice is once."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import prometheus
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.to_samples import (
    Text,
    addresses,
    points_of,
    samples_of,
    store_days,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)

NOW = 1795521600


def asked(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_a_long_range_is_asked_of_prometheus_in_pieces_without_gap_or_overlap() -> None:
    """A server answers 11,000 points of a series and no more; a year and a half is 13,000 hours."""
    pieces = [asked(address) for address in addresses("prometheus", "http://server/", 550, NOW)]
    assert len(pieces) == 2
    assert (int(pieces[0]["start"]), int(pieces[-1]["end"])) == (NOW - 550 * DAY, NOW)
    for piece in pieces:
        points = (int(piece["end"]) - int(piece["start"])) // int(piece["step"]) + 1
        assert points <= prometheus.MOST_POINTS
    assert int(pieces[1]["start"]) - int(pieces[0]["end"]) == 3600


def test_netdata_is_asked_for_every_chart_at_an_hour_a_point() -> None:
    """Each counter is in one chart alone."""
    found = list(addresses("netdata", "http://server", 2, NOW))
    assert {urlsplit(address).path for address in found} == {"/api/v1/data"}
    assert [asked(address)["chart"] for address in found] == [
        "mem.kernel",
        "mem.slab",
        "mem.available",
        "system.uptime",
    ]
    assert all(asked(address)["points"] == "48" and asked(address)["options"] == "seconds" for address in found)


def test_a_tool_without_a_server_is_told_what_to_do() -> None:
    """sysstat and PCP keep files on the hosts."""
    with pytest.raises(ValueError, match=r"^sysstat has no server to ask; give files, or .*\.$"):
        list(addresses("sysstat", "http://server", 1, NOW))


def test_outputs_that_name_no_host_need_one() -> None:
    """Else all hosts would be one."""
    with pytest.raises(ValueError, match=r"^What pcp prints does not say of which host it is; give host, too\.$"):
        points_of("pcp", [Text("a file", saved_output("pcp_pmrep.csv"))], None)


def test_the_inventorys_name_wins_over_what_a_host_calls_itself() -> None:
    """On a host itself sadf knows the host by another name."""
    text = Text("a file", saved_output("sadf_12.6.1_r_ALL_restart_comment.json"))
    assert {point.host for point in points_of("sysstat", [text], "web1")} == {"web1"}
    assert {point.host for point in points_of("sysstat", [text], None)} == {"vm"}


def test_an_error_names_the_text_that_it_is_in() -> None:
    """Of forty files, one is bad."""
    with pytest.raises(ValueError, match=r"^bad\.json: This is not the JSON of sadf"):
        points_of("sysstat", [Text("bad.json", "x")], None)


def test_nothing_to_import_is_no_success() -> None:
    """An empty answer means a wrong address or a wrong name, not a host without memory."""
    with pytest.raises(ValueError, match=r"^There is nothing to import: .*\.$"):
        samples_of([], {})


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """Whoever is not sure whether it worked does it again."""
    store = open_store(str(tmp_path / "history.sqlite3"))
    labels = {"instance": "web1:9100", "__name__": "node_memory_Percpu_bytes"}
    rows = [[NOW - number * DAY, "5"] for number in (2, 1, 0)]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": labels, "values": rows}]}}
    days = samples_of(points_of("prometheus", [Text("a server", json.dumps(answer))], None), {})
    first, second = (store_days(store, "prometheus", days) for _time in range(2))
    assert (first.days, first.hosts, first.inserted, first.duplicates) == (3, {"web1"}, 3, 0)
    assert (second.inserted, second.duplicates) == (0, 3)
    (series,) = store.series()
    assert list(series.columns["collected_at"]) == [NOW - number * DAY for number in (2, 1, 0)]
    store.close()
