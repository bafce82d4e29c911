# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them, by ansible-runner: a history over several, slices side by side, one killed and tried again,
one report of all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.result import LARGEST_BYTES
from ansible_collections.fleetaudit.kernel_memory.tests.awx.job import Job
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import saved_hosts
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import IN_A_URL, PASSWORD, Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers

SLICES = 4
KILLED = 2
OUTER, INNER = 6, 7
"""A sliced job in a workflow is a workflow of its own: the report has another awx_workflow_job_id than the slices."""


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """A server of its own, since its stores are looked at after the runs."""
    with place_for_servers() as name:
        server = Server(Path(name))
        server.sql("CREATE DATABASE plain")
        server.sql("CREATE DATABASE sliced")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Sixteen saved hosts, the last of them sick."""
    made = saved_hosts(tmp_path_factory.mktemp("hosts"))
    return {
        name: {**variables, "ansible_host": "localhost", "ansible_connection": "local"}
        for name, variables in made.items()
    }


@dataclass
class Night:
    """A sliced audit: its first tries, the report without the killed slice, that slice again, and the report of all."""

    slices: list[Job]
    early: Job
    again: Job
    report: Job

    @property
    def jobs(self) -> list[Job]:
        """All of them."""
        return [*self.slices, self.early, self.again, self.report]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, database: Server, hosts: dict[str, dict[str, Any]]) -> Night:
    """Run it once, for all tests that look at it."""
    folder, store = tmp_path_factory.mktemp("night"), database.by_network(database="sliced")
    slow = folder / "slow-python"
    slow.write_text("#!/bin/sh\n# As long as its job goes on.\nwhile kill -0 $PPID; do sleep 0.2; done\n")
    slow.chmod(0o755)
    dealt = [sorted(hosts)[number::SLICES] for number in range(SLICES)]

    def begin(number: int, name: str, **of_second: str) -> Job:
        # AWX deals hosts out like that.
        given = {host: hosts[host] | (of_second if place == 1 else {}) for place, host in enumerate(dealt[number])}
        return Job(folder / name, "audit", given, store, forks=1 if of_second else 2, awx_workflow_job_id=INNER)

    slices = [
        begin(number, f"slice{number}", **({"ansible_python_interpreter": str(slow)} if number == KILLED else {}))
        for number in range(SLICES)
    ]
    slices[KILLED].kill_after_the_first_host()
    for job in slices:
        job.wait()
    handed_on = slices[0].artifacts
    early = Job(folder / "early", "report", hosts, store, awx_workflow_job_id=OUTER, **handed_on).wait()
    again = begin(KILLED, "again").wait()
    report = Job(
        folder / "report",
        "report",
        hosts,
        store,
        awx_workflow_job_id=OUTER,
        kernel_mem_audit_fail_on=["critical"],
        **handed_on,
    ).wait()
    return Night(slices, early, again, report)


def no_data(job: Job) -> dict[str, str]:
    """Why hosts have no data."""
    return {host["name"]: host["no_data"]["message"] for host in job.audit["hosts"] if host["no_data"]}


def test_a_second_job_knows_what_the_first_saw(
    tmp_path: Path, database: Server, hosts: dict[str, dict[str, Any]]
) -> None:
    """Each job is a container that is thrown away: what lasts is in PostgreSQL. A store that is new is said to be."""
    some = {name: hosts[name] for name in ("saved01", "saved02", "saved16")}
    store = database.by_network(database="plain")
    first = Job(tmp_path / "first", "audit", some, store).wait()
    assert first.status == "successful", first.output
    assert first.audit["history"]["state"] == "new" and "Learning: this store is new" in first.output
    second = Job(tmp_path / "second", "audit", some, store).wait()
    assert second.status == "successful", second.output
    history = second.audit["history"]
    assert (history["state"], history["engine"], history["runs"], history["hosts"]) == ("ready", "postgresql", 1, 3)
    # What copies show did not happen between the two jobs.
    assert second.audit["changes"] is not None and second.audit["changes"]["new"] == []
    assert database.sql("SELECT count(*) FROM kernel_memory.sample", database="plain") == "6"
    assert database.sql("SELECT count(*) FROM kernel_memory.record", database="plain") == "0", (
        "no workflow, so no slices"
    )
    assert_no_secret(first, second)


def test_slices_are_one_run(night: Night) -> None:
    """They share no file; what they share is the id of the workflow that AWX made for them."""
    for number, job in enumerate(night.slices):
        if number != KILLED:
            assert job.status == "successful", job.output
            assert job.artifacts["kernel_mem_audit_result"]["run_id"] == f"awx-{INNER}"
    assert night.slices[KILLED].status == "failed"


def test_a_report_before_the_retry_names_what_is_missing(night: Night, hosts: dict[str, dict[str, Any]]) -> None:
    """A killed slice has written nothing, not even of the host that it had gathered; its hosts must not just be
    away.
    """
    assert night.early.status == "successful", night.early.output
    missing = no_data(night.early)
    assert sorted(missing) == sorted(hosts)[KILLED::SLICES]
    assert all("no slice of the run awx-7 has reported it" in message for message in missing.values())
    assert len(night.early.audit["hosts"]) == len(hosts)
    assert any(note.startswith("Slices have reported 12 of 16 hosts") for note in night.early.audit["notes"])


def test_the_report_has_every_host_once_after_the_retry(night: Night, hosts: dict[str, dict[str, Any]]) -> None:
    """This is the report that counts: the whole fleet, and failed as was asked, with its result handed on all the
    same.
    """
    assert night.again.status == "successful", night.again.output
    assert night.report.status == "failed", "there is a critical host, and the job was to fail on it"
    audit = night.report.audit
    assert sorted(host["name"] for host in audit["hosts"]) == sorted(hosts) and no_data(night.report) == {}
    assert audit["run_id"] == f"awx-{INNER}" and audit["counts"]["all"]["total"] == 16
    assert any(note.startswith("Slices have reported 16 of 16 hosts") for note in audit["notes"])
    result = night.report.artifacts["kernel_mem_audit_result"]
    assert result["decision"] == "fail" and result["worst_hosts"][0]["name"] == "saved16"


def test_the_store_has_one_sample_a_host(night: Night, database: Server) -> None:
    """Slices, a retry and two reports: a sample counted twice would look like a host that stands still."""
    assert night.report.status == "failed"
    for table in ("sample", "judged", "record"):
        assert database.sql(f"SELECT count(*) FROM kernel_memory.{table}", database="sliced") == "16", table
    assert database.sql("SELECT name FROM kernel_memory.run", database="sliced") == f"awx-{INNER}"
    assert night.report.audit["history"]["state"] == "new", "its own slices are no earlier run"


def test_what_is_handed_on_is_small(night: Night) -> None:
    """AWX copies it into the variables of every job that follows."""
    for job in (night.slices[0], night.again, night.report):
        assert set(job.artifacts) == {"kernel_mem_audit_result"}
        assert len(json.dumps(job.artifacts)) <= LARGEST_BYTES


def test_one_task_for_each_host(night: Night, hosts: dict[str, dict[str, Any]]) -> None:
    """Events are what AWX is slow with: a host has its gathering, and the report of all has no task for each host at
    all.
    """
    asked = [event for event in night.again.events() if event["event"] == "runner_on_start"]
    assert len(asked) == 6 + 5
    assert len([event for event in night.report.events() if event["event"] == "runner_on_start"]) == 4


def test_no_secret_comes_out(night: Night) -> None:
    """The password of the history is in the job's environment and nowhere else: not in outputs, events, facts or
    reports.
    """
    assert_no_secret(*night.jobs)


def assert_no_secret(*jobs: Job) -> None:
    """Look into every file of jobs, but for the two in which the runner itself keeps the environment, as it does in
    AWX.
    """
    for job in jobs:
        files = [path for path in job.folder.rglob("*") if path.is_file()]
        holding = {
            str(path.relative_to(job.folder))
            for path in files
            if any(secret.encode() in path.read_bytes() for secret in (PASSWORD, IN_A_URL))
        }
        assert holding == {"env/envvars", "artifacts/job/command"}
        assert len(files) > 20
