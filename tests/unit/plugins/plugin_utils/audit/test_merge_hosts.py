# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of several audits as one fleet: the newest answer counts, each kernel once, and nobody is forgotten."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.merge_hosts import (
    missing_hosts,
    newest_entries,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    as_in_audit,
    subject,
)

ANSWERED = as_in_audit(subject("web1"))


def day(number: int, hour: int = 12) -> str:
    """A moment of November."""
    return f"2026-11-{number:02}T{hour:02}:00:00Z"


def audit(generated: int, **hosts: int | None) -> Any:
    """An audit of a day; each host answered on the day that is given, or gave no data."""
    entries = [
        replace(ANSWERED, name=name, collected_at=day(collected))
        if collected
        else Entry(name, "production", "default", (), no_data=no_data("unreachable", name))
        for name, collected in hosts.items()
    ]
    return SimpleNamespace(hosts=entries, generated_at=day(generated, 13))


@pytest.mark.parametrize(
    ("audits", "origin", "notes"),
    [
        ([audit(3, web1=3)], 0, []),
        ([audit(3, web1=3), audit(4, web1=4)], 1, ["several"]),
        ([audit(4, web1=4), audit(3, web1=3)], 0, ["several"]),
        # A report that was made later of an older spool has the older data.
        ([audit(9, web1=3), audit(4, web1=4)], 1, ["several"]),
        ([audit(3, web1=3), audit(4, web1=None)], 0, ["several", "older"]),
        ([audit(3, web1=None), audit(4, web1=4)], 1, ["several"]),
        ([audit(3, web1=None), audit(4, web1=None)], 1, ["several"]),
        ([audit(3, web1=3), audit(3, web1=3)], 1, ["several"]),
    ],
)
def test_the_newest_answer_of_a_host_counts(audits: list[Any], origin: int, notes: list[str]) -> None:
    """By when it was collected; no answer is older than any. What is shown although a later audit got none is said."""
    entries, origins, said = newest_entries(audits)
    assert origins == {"web1": origin} and entries["web1"] is audits[origin].hosts[0]
    expected = {
        "several": "1 host stands in several inputs; the newest with data counts: web1.",
        "older": "1 host gave no data in a later input, so older data is shown: web1.",
    }
    assert said == [expected[note] for note in notes]


def test_a_time_that_is_none_is_older_than_any() -> None:
    """An audit.json may have been edited: what is no time must not win by its letters."""
    edited = audit(9, web1=4)
    edited.hosts = [replace(edited.hosts[0], collected_at="zzz")]
    assert newest_entries([edited, audit(3, web1=3)])[1] == {"web1": 1}


SLICES = st.lists(
    st.tuples(st.integers(1, 28), st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(1, 28))), min_size=1
)


@given(SLICES)
def test_nobody_is_lost_and_an_answer_never_gives_way_to_none(slices: list[tuple[int, dict[str, int | None]]]) -> None:
    """Whatever the order of the inputs: all names are there, each with its newest answer."""
    entries, origins, _notes = newest_entries([audit(number, **hosts) for number, hosts in slices])
    assert set(entries) == set(origins) == {name for _number, hosts in slices for name in hosts}
    for name, entry in entries.items():
        answers = [hosts[name] for _number, hosts in slices if hosts.get(name)]
        assert entry.collected_at == (day(max(filter(None, answers))) if answers else None)


def test_who_stands_in_the_inventory_alone_is_a_host_without_data() -> None:
    """A slice that was never merged must not look like a small fleet that is well."""
    policy = policy_of({"environments": {"staging": {"groups": ["test"]}}})
    entries = {"web1": ANSWERED}
    said = missing_hosts(entries, {"web1": [], "web3": ["test"], "web2": []}, policy)
    assert said == ["2 hosts stand in the inventory and in no input: web2, web3."]
    assert sorted(entries) == ["web1", "web2", "web3"]
    assert [entries[name].environment for name in ("web2", "web3")] == ["production", "staging"]
    found = entries["web3"]
    assert found.verdict == "unknown" and found.groups == ("test",)
    assert found.no_data is not None and found.no_data.reason == "not_run"
    assert missing_hosts(entries, {"web1": []}, None) == []
    assert missing_hosts({}, {"db": []}, None) == ["1 host stands in the inventory and in no input: db."]
