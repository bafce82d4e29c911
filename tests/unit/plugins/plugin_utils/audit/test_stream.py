# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit that is made in one pass is the audit that holds all hosts at once, to the byte."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import stream
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import RunInfo, build_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import (
    Past,
    keep,
    open_past,
    reported,
    run_record,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import seconds_of, utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

POLICY = policy_of(None)
Records = Mapping[str, dict[str, Any]]


def both(run: RunInfo, records: Records, folder: Path, past: Past | None = None) -> dict[str, tuple[str, str]]:
    """All outputs of a run, by name: from the reference, and from the pass."""
    samples: list[Sample] = []
    reference = build_audit(run, records, POLICY, past=past, notes=["A note."], samples=samples)
    scrap = Scrap(str(folder))
    making = stream.Streamed(run, records, POLICY, scrap, past=past, notes=["A note."])
    audit = making.audit()
    assert making.samples == samples
    made = {name: ("".join(render(reference)), "".join(render(audit))) for name, render in RENDERERS.items()}
    made["terminal"] = ("\n".join(shown(reference, {})), "\n".join(shown(audit, {})))
    scrap.close()
    return made


def assert_same(made: Mapping[str, tuple[str, str]]) -> None:
    """Whatever stands in one stands in the other."""
    assert [name for name, (reference, streamed) in made.items() if reference != streamed] == []


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet of the test has several batches, too."""
    monkeypatch.setattr(stream, "AT_ONCE", 7)


@pytest.mark.parametrize("hosts", [1, 40])
def test_a_fleet_without_a_past_gives_the_same_bytes(hosts: int, tmp_path: Path) -> None:
    """Hosts that are ill, that say nothing, that were lost."""
    run, records = synthetic.fleet(hosts, 3)
    assert_same(both(run, records, tmp_path))


def test_what_only_the_fleet_shows_is_found_on_hosts_that_were_finished(tmp_path: Path) -> None:
    """One host unlike twenty similar ones is judged anew, and its line is written again."""
    names = tuple(f"web-{number:02}" for number in range(24))
    records = {}
    for name in names:
        record = synthetic.record(name)
        record["facts"]["host"]["kernel_release"] = "6.1.0-28-amd64"
        record["facts"]["platform"]["kind"] = "vm"
        records[name] = record
    odd = records["web-05"]["facts"]
    odd["dimensions"]["percpu_bytes"] *= 20
    odd["kernel_total_bytes"] += 1216 * synthetic.MIB
    odd["kernel_unreclaimable_bytes"] += 1216 * synthetic.MIB
    run = synthetic.run(names, {name: ["web"] for name in names})
    reference = build_audit(run, records, POLICY)
    assert any(one.kind == "disproportion" for host in reference.hosts for one in host.findings)
    assert_same(both(run, records, tmp_path))


def test_one_kernel_under_two_names_is_judged_once(tmp_path: Path) -> None:
    """Though both are well, and finished before the other name was seen."""
    run, records = synthetic.fleet(30, 5)
    names = [name for name, record in records.items() if record["facts"]]
    for name in names[3:6]:
        records[name]["facts"] = copy.deepcopy(records[names[20]]["facts"])
    made = both(run, records, tmp_path)
    assert '"shared_kernel"' in made["audit.json"][0]
    assert_same(made)


def test_a_mistyped_environment_and_records_of_others_are_said_alike(tmp_path: Path) -> None:
    """The notes stand in the same order."""
    run, records = synthetic.fleet(20, 7)
    for name in list(records)[2:9:3]:
        records[name]["environment"] = "prodution"
    records["stranger"] = synthetic.record("stranger")
    run = synthetic.run(run.targets)
    assert_same(both(run, records, tmp_path))


def test_a_fleet_with_a_history_gives_the_same_bytes(tmp_path: Path) -> None:
    """Growth, changes since the last run, and findings that are gone."""
    run, records = synthetic.fleet(40, 11)
    where, start = str(tmp_path / "history.sqlite3"), seconds_of(run.generated_at)
    for day in range(9, 0, -1):
        earlier = copy.deepcopy(records)
        for place, record in enumerate(record for record in earlier.values() if record["facts"]):
            facts = record["facts"]
            facts["collected_at"] = utc_text(start - day * 86400)
            facts["host"]["uptime_seconds"] = 60 * 86400 - day * 86400
            if place % 5 == 0:
                facts["dimensions"]["slab_unreclaimable_bytes"] //= 10 - day
        past = open_past(where, f"run-{day}", run.targets)
        samples: list[Sample] = []
        moment = utc_text(start - day * 86400)
        then = synthetic.run(run.targets, run_id=f"run-{day}", started_at=moment, generated_at=moment)
        audit = build_audit(then, earlier, POLICY, past=past, samples=samples)
        keep(past, run_record(then.run_id, moment), samples, audit.hosts.entries, start - day * 86400)
        reported(past, then.run_id)
        past.close()
    past = open_past(where, run.run_id, run.targets)
    made = both(run, records, tmp_path, past)
    past.close()
    assert '"state":"ready"' in made["audit.json"][0]
    assert_same(made)
