# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in a file without a name: what is read back is what was put in, and nothing is left behind."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.shared_parts import Same
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import KeptHosts, Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, entries_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import fleet as synthetic_fleet


def fleet() -> list[Entry]:
    """Hosts of all verdicts."""
    run, records = synthetic_fleet(20, 3)
    return entries_of(built(run, records, policy_of(None))["hosts"])


def test_hosts_in_short_are_the_same_hosts(tmp_path: Path) -> None:
    """Their lines, and the whole of each."""
    entries, scrap = fleet(), Scrap(str(tmp_path))
    places = {one.name: scrap.add(one) for one in entries}
    scrap.flush()
    kept = KeptHosts(map(Same().in_short, entries), scrap, places)
    assert list(kept.lines()) == list(Hosts(entries).lines())
    assert [kept.whole(one) for one in kept] == entries
    assert list(kept.lines("1,", "2,")) == list(Hosts(entries).lines("1,", "2,"))
    scrap.close()


def test_details_that_lie_in_a_file_are_never_taken_for_none() -> None:
    """An output that forgets to ask for them fails instead of showing nothing."""
    short = Same().in_short(fleet()[0])
    with pytest.raises(AssertionError, match="ask the audit for the whole entry"):
        short.details.trend_of("percpu")


def test_nothing_is_left_however_the_run_ends(tmp_path: Path) -> None:
    """The file has no name from the first moment on."""
    scrap = Scrap(str(tmp_path))
    scrap.add(fleet()[0])
    scrap.flush()
    assert os.listdir(tmp_path) == []
    scrap.close()


def test_a_folder_that_is_not_there_is_no_reason_to_fail(tmp_path: Path) -> None:
    """The lines lie elsewhere then."""
    scrap = Scrap(str(tmp_path / "nowhere"))
    place = scrap.add(replace(fleet()[0], name="x"))
    scrap.flush()
    assert '"name":"x"' in scrap.line(place)
    scrap.close()


def test_a_full_disk_is_one_sentence() -> None:
    """/dev/full is a disk without space."""
    scrap = Scrap("")
    with open("/dev/full", "wb", buffering=0) as full:
        os.dup2(full.fileno(), scrap._file.fileno())
    for one in fleet():
        scrap.add(one)
    with pytest.raises(ValueError, match="^There is no space for the hosts .*No space left on device[.]$"):
        scrap.flush()
    scrap.close()
