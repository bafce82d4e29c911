# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in parts: their name, and one spool of what the parts left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.slices import (
    begun_at,
    keeps_records,
    not_reported,
    run_id_of_workflow,
    spool_of_slices,
    workflow_job,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.location import location_of

POSTGRESQL = "postgresql://audit@db/fleet"


@pytest.mark.parametrize(
    ("variables", "job"),
    [
        ({}, None),
        ({"awx_job_id": 3}, None),
        ({"awx_workflow_job_id": 7}, "7"),
        ({"tower_workflow_job_id": "8"}, "8"),
        ({"awx_workflow_job_id": "../x"}, None),
        ({"awx_workflow_job_id": None, "tower_workflow_job_id": 9}, "9"),
        ({"awx_workflow_job_id": True}, None),
    ],
)
def test_the_workflow_is_a_number_or_none(variables: dict[str, Any], job: str | None) -> None:
    """It becomes a part of the run id, which is a part of file names."""
    assert workflow_job(variables) == job


@pytest.mark.parametrize(
    ("earlier", "run_id"),
    [
        (None, "awx-7"),
        ({}, "awx-7"),
        ({"run_id": "awx-7"}, "awx-7-2"),
        ({"run_id": "awx-7-2"}, "awx-7-3"),
        ({"run_id": "awx-70"}, "awx-7"),
        ({"run_id": "awx-6"}, "awx-7"),
        ({"run_id": "awx-7-x"}, "awx-7"),
        ("awx-7", "awx-7"),
        ({"run_id": None}, "awx-7"),
    ],
)
def test_each_audit_of_a_workflow_is_a_run_of_its_own(earlier: Any, run_id: str) -> None:
    """With one name for the audits before and after an upgrade, the history would drop the second as a retry of the
    first.
    """
    assert run_id_of_workflow("7", earlier) == run_id


@pytest.mark.parametrize(
    ("given", "job", "where", "kept"),
    [
        (None, "7", POSTGRESQL, True),
        (None, None, POSTGRESQL, False),
        (None, "7", "/srv/history.db", False),
        (None, "7", "sqlite:///srv/history.db", False),
        (None, "7", "service=fleet", True),
        (None, "7", None, False),
        (True, None, "/srv/history.db", True),
        (False, "7", POSTGRESQL, False),
    ],
)
def test_records_are_kept_where_slices_can_meet(
    given: bool | None, job: str | None, where: str | None, kept: bool
) -> None:
    """A file inside of a job's container is gone with it."""
    assert keeps_records(given, job, None if where is None else location_of(where)) is kept


def entry(host: str, written_at: Any = "2026-11-24T12:00:00Z") -> dict[str, Any]:
    """What is needed of a record here."""
    return {"host": host, "written_at": written_at}


def test_no_record_at_all_is_an_error() -> None:
    """An empty report would say that every host is down; the cause is another run id or another store."""
    with pytest.raises(ValueError, match="no record of the run awx-7"):
        spool_of_slices([], "awx-7", "fleet", ["web1"])


def test_the_note_counts_hosts_of_this_inventory() -> None:
    """Records of hosts that are no target must not make the run look complete."""
    spool = spool_of_slices([entry("web1"), entry("gone", "2026-11-24T12:30:00Z")], "awx-7", "fleet", ["web1", "web2"])
    assert set(spool.records) == {"web1", "gone"}
    assert spool.notes == [
        "Slices have reported 1 of 2 hosts: their records of the run awx-7, written from 2026-11-24T12:00:00Z to "
        "2026-11-24T12:30:00Z, are from the history fleet."
    ]


def test_records_of_another_day_are_not_todays() -> None:
    """Where the same run id is used every night, a host that is down today must not be healthy by yesterday's
    record.
    """
    spool = spool_of_slices(
        [
            entry("web1"),
            entry("web2", "2026-11-23T11:59:59Z"),
            entry("web3", None),
            entry("web4", "2026-11-23T12:00:00Z"),
        ],
        "nightly",
        "fleet",
        ["web1", "web2"],
    )
    assert set(spool.records) == {"web1", "web3", "web4"}
    assert "1 records of this run are more than a day older" in spool.notes[1]


def test_a_host_that_no_slice_reported_is_told_what_to_do() -> None:
    """The advice for a host that one run did not reach would lead astray."""
    hosts = [
        replace(Entry("web1", "production", "default", ()), no_data=no_data("not_run", "web1")),
        replace(Entry("web2", "production", "default", ()), no_data=no_data("failed", "web2")),
        Entry("web3", "production", "default", (), verdict="ok"),
    ]
    first, *others = [not_reported(host, "awx-7") for host in hosts]
    assert first.no_data is not None and first.no_data.reason == "not_run"
    assert first.no_data.message.endswith("no slice of the run awx-7 has reported it.")
    assert "kernel_mem_audit_run_id=awx-7" in first.no_data.next_step
    assert others == hosts[1:]


def test_a_run_begins_with_its_first_record() -> None:
    """The history must have the time of the gathering, not of the report."""
    assert begun_at([entry("web1"), entry("web2", 5)], "2026-11-24T13:00:00Z") == "2026-11-24T12:00:00Z"
    assert begun_at([], "2026-11-24T13:00:00Z") == "2026-11-24T13:00:00Z"
