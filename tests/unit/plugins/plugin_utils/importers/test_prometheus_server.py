# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server is asked in shards, by days that are whole, for the instances that are hosts."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import prometheus_server
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.names import (
    InventoryHost,
    Matcher,
    NameRules,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.prometheus_server import Server, shards
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY

NOW = 1795521600 + 12_345


class StandIn:
    """Answers like a server that has one counter of some instances, and keeps what it was asked."""

    def __init__(self, *instances: str, twice: str = "") -> None:
        self.instances = instances
        self.twice = twice
        self.asked: list[dict[str, str]] = []

    def ask(self, address: str) -> str:
        """The answer to an address."""
        query = {name: texts[0] for name, texts in parse_qs(urlsplit(address).query).items()}
        if urlsplit(address).path.endswith("/api/v1/label/instance/values"):
            self.asked.append({"path": "values", **query})
            return json.dumps({"status": "success", "data": list(self.instances)})
        self.asked.append(query)
        times = range(int(query["start"]), int(query["end"]) + 1, int(query["step"]))
        result = [
            {
                "metric": {"__name__": "node_memory_Percpu_bytes", "instance": name, "job": job},
                "values": [[time, "5"] for time in times],
            }
            for name in self.instances
            if name.replace(".", r"\.") in query["query"].replace("\\\\", "\\")
            for job in (("a", "b") if name == self.twice else ("a",))
        ]
        return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


def matcher(*hosts: str) -> Matcher:
    """Of an inventory."""
    return Matcher(NameRules(hosts=[InventoryHost(name) for name in hosts]))


def test_windows_have_no_gap_and_no_overlap_and_their_days_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day in two shards would be two medians, of which the second is lost."""
    monkeypatch.setattr(prometheus_server, "INSTANCES", 2)
    stand_in = StandIn("web1.example.org:9100", "web2:9100", "web3:9100")
    found = list(shards(Server("http://x/", stand_in.ask), 30, NOW, matcher("web1.example.org", "web2", "web3")))
    queries = stand_in.asked[1:]
    assert len(found) == len(queries) == 3 * 2
    starts = [int(query["start"]) for query in queries[::2]]
    assert starts[0] == (NOW - 30 * DAY) // DAY * DAY and all(start % DAY == 0 for start in starts)
    assert [int(query["end"]) + 3600 for query in queries[::2]] == [*starts[1:], NOW + 3600]
    moments = [point.moment for part in found for point in part if point.host == "web2"]
    assert moments == sorted(set(moments)) and len(moments) == (NOW - starts[0]) // 3600 + 1


def test_only_instances_that_are_hosts_are_asked_for() -> None:
    """A large server has thousands that are none of the play's."""
    stand_in, found = StandIn("web1:9100", "stranger:9100"), matcher("web1")
    parts = list(shards(Server("http://x", stand_in.ask), 1, NOW, found))
    assert {point.host for part in parts for point in part} == {"web1"}
    assert "stranger" not in stand_in.asked[1]["query"] and found.found.unmatched == {"stranger:9100"}


def test_an_instance_in_two_series_is_refused_with_what_to_do() -> None:
    """And is not asked for again."""
    stand_in, found = StandIn("web1:9100", "web2:9100", twice="web2:9100"), matcher("web1", "web2")
    parts = list(shards(Server("http://x", stand_in.ask), 20, NOW, found))
    assert {point.host for part in parts for point in part} == {"web1"}
    assert "give a selector" in found.found.refused["web2:9100"]
    assert "web2" not in stand_in.asked[-1]["query"]


def test_a_selector_is_part_of_every_query() -> None:
    """With or without braces, as people copy it."""
    stand_in = StandIn("web1:9100")
    list(shards(Server("http://x", stand_in.ask, '{job="node"}'), 1, NOW, matcher("web1")))
    assert ',job="node"}' in stand_in.asked[0]["match[]"]
    assert ',job="node",instance=~"web1:9100"}' in stand_in.asked[1]["query"]
