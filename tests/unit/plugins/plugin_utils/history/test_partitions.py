# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a table in PostgreSQL a row belongs to. That the server takes it so is tried in tests/history."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.engine import Row
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.partitions import Parts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY

NOW = 20_500 * DAY + 5


class Server:
    """Knows which parts there are and which hold rows; of SQL it understands what is asked here."""

    def __init__(self) -> None:
        self.ranges: dict[str, tuple[int | None, int]] = {}
        self.full: set[str] = set()
        self.notes: dict[str, int] = {}

    def now(self) -> int:
        """Return the time."""
        return NOW

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Answer a query."""
        if "FROM note" in sql:
            return [(self.notes[str(parameters[0])],)]
        if "pg_inherits" in sql:
            return [(name,) for name in self.ranges if name.startswith(f"{parameters[0]}_")]
        (name,) = re.findall(r"SELECT 1 FROM (\w+)", sql)
        return [(1,)] if name in self.full else []

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Make or drop a part, or keep a note."""
        made = re.search(r"CREATE TABLE (\w+) PARTITION OF \w+ FOR VALUES FROM \((\w+)\) TO \((\d+)\)", sql)
        if made:
            first = None if made[2] == "MINVALUE" else int(made[2])
            assert all(end <= (first or 0) or (start or 0) >= int(made[3]) for start, end in self.ranges.values())
            self.ranges[made[1]] = first, int(made[3])
        elif sql.startswith("DROP TABLE "):
            del self.ranges[sql.removeprefix("DROP TABLE ")]
        elif sql.startswith("INSERT INTO note"):
            name, value = parameters
            assert isinstance(value, int)
            self.notes[str(name)] = value
        return 1


def test_every_row_has_exactly_one_part_whenever_it_is_from() -> None:
    """A row without a part is an error of the server, in the middle of an audit."""
    for table, seconds in (("sample", 1), ("block", DAY)):
        server = Server()
        parts = Parts(server)
        parts.begin(table)
        times = [0, NOW - 400 * DAY, NOW - DAY, NOW, NOW + 29 * DAY, NOW + 30 * DAY, NOW + 700 * DAY]
        wanted = [time // seconds for time in times]
        parts.make_for(table, wanted)
        parts.make_for(table, wanted)
        for time in wanted:
            holding = [name for name, (start, end) in server.ranges.items() if (start or 0) <= time < end]
            assert len(holding) == 1, (table, time, server.ranges)


def test_a_parts_name_is_the_day_on_which_it_begins() -> None:
    """Whoever looks into the database sees what a part holds."""
    server = Server()
    parts = Parts(server)
    parts.begin("sample")
    parts.make_for("sample", [NOW])
    ((name, (start, end)),) = [(name, of) for name, of in server.ranges.items() if name != "sample_before"]
    assert (name, end - (start or 0)) == ("sample_20260206", 30 * DAY)


def test_an_empty_old_part_goes_and_a_full_or_newer_one_stays() -> None:
    """Old rows go by their part; the table of all that came before stays for what is imported."""
    server = Server()
    parts = Parts(server)
    parts.begin("sample")
    parts.make_for("sample", [NOW, NOW + 60 * DAY, NOW + 120 * DAY])
    dated = sorted(name for name in server.ranges if name != "sample_before")
    server.full = {dated[1]}
    parts.remove_empty(NOW + 100 * DAY)
    assert sorted(server.ranges) == sorted(["sample_before", *dated[1:]])
