# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import came to is said in one line, and one that brought nothing says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.outcome import Imported


def imported(
    duplicates: int = 0,
    unmatched: Collection[str] = (),
    refused: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
) -> Imported:
    """An import of two hosts."""
    return Imported(
        inserted=3600,
        hosts={"web1", "web2"},
        days={"2026-09-01", "2026-11-30"},
        dimensions={"percpu", "kernel_stack"},
        duplicates=duplicates,
        unmatched=set(unmatched),
        refused=dict(refused or {}),
        missing=dict(missing or {}),
    )


def test_the_line_says_what_came() -> None:
    """Hosts, days, samples, from, to, dimensions."""
    assert imported().line() == (
        "2 hosts, 2 days, 3,600 samples added, 2026-09-01 to 2026-11-30; dimensions kernel_stack, percpu."
    )
    assert "3,600 samples added (12 were there already)," in imported(duplicates=12).line()


def test_the_line_says_what_did_not() -> None:
    """Names of the first few, and how many more; hosts with one reason together."""
    line = imported(
        unmatched={f"web{number:02}:9100" for number in range(12)},
        refused={"a:1": "may be b or c"},
        missing={"db1": "no sysstat", "db2": "no sysstat"},
    ).line()
    assert "; matched no host: web00:9100, " in line and "web09:9100 and 2 more; " in line
    assert "refused, since it is not clear whose they are: a:1 may be b or c; " in line
    assert line.endswith("; no sysstat: db1, db2.")


def test_names_from_elsewhere_are_one_line() -> None:
    """A label of a server may hold anything."""
    assert "\n" not in imported(unmatched={"a\nok: all is well"}).line()


def test_nothing_is_told_with_its_reason() -> None:
    """It is no success."""
    assert Imported(missing={"db1": "no sysstat"}).why_nothing("sysstat") == (
        "Nothing was imported from sysstat: no sysstat: db1."
    )
    assert "no moment that was asked for has a counter" in Imported().why_nothing("netdata")


def test_plain_data_has_all_of_it() -> None:
    """For programs."""
    plain = imported(unmatched={"x"}).as_plain()
    assert (plain["first_day"], plain["last_day"], plain["days"]) == ("2026-09-01", "2026-11-30", 2)
    assert (plain["unmatched"], plain["hosts"]) == (["x"], ["web1", "web2"])
    assert plain["message"] == imported(unmatched={"x"}).line()
