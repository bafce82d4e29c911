# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step that the hosts of a role share is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import FleetJudgement, judge_fleet
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import GIB, days_of, series_before, subject_of

STEP = [*[600] * 20, 2000, 2000]
LEVEL = [600] * 22


def host(name: str, mib: Sequence[float], role: str = "web", **now: int) -> tuple[Subject, list[Sample]]:
    """A host with daily samples of page tables in MiB, the last of which is now."""
    samples = [replace(one, host=name) for one in days_of("page_tables", mib)]
    samples[-1] = replace(samples[-1], **now)
    subject = subject_of(samples[-1])
    return replace(subject, name=name, groups=(role,)), samples


def fleet(stepped: int, there: int, **now: int) -> list[tuple[Subject, list[Sample]]]:
    """*stepped* of *there* web servers rise, the later ones by more; 30 databases do not."""
    risen = [host(f"web{n:02}", [*STEP[:20], 2000 + n, 2000 + n], **now) for n in range(stepped)]
    others = [host(f"web{n:02}", LEVEL) for n in range(stepped, there)]
    return [*risen, *others, *(host(f"db{n:02}", LEVEL, "db") for n in range(30))]


def judged(hosts: Sequence[tuple[Subject, list[Sample]]]) -> FleetJudgement:
    """What an audit of them says."""
    past = [replace(series_before(samples), host=subject.name) for subject, samples in hosts]
    return judge_fleet([subject for subject, _samples in hosts], past, (), date(2026, 11, 24))


def severities(answer: FleetJudgement) -> dict[str, str]:
    """The severity of each sudden rise of page tables, by host."""
    return {
        name: one.severity
        for name, found in answer.hosts.items()
        for one in found.findings
        if (one.kind, one.dimension) == ("spike", "page_tables")
    }


def test_a_release_is_told_once() -> None:
    """Eight of twenty web servers rise between the same two audits: one warning and one note, where there were eight
    warnings; nobody's finding is gone.
    """
    answer = judged(fleet(8, 20))
    assert severities(answer) == {**dict.fromkeys((f"web{n:02}" for n in range(7)), "info"), "web07": "warning"}
    (note,) = answer.notes
    assert note == (
        "Memory of page tables rose on 8 of the 20 hosts of role web after their samples of 2026-11-22 12:00, by 1.4 "
        "GiB in the middle: a change that they share, as a release is. web07 rose most and stands for them."
    )
    told = {name: found.findings[0].explanation for name, found in answer.hosts.items() if found.findings}
    assert told["web03"].endswith("web07 rose most and stands for them, so here it is information.")
    assert told["web07"].endswith("This host rose most and stands for them.")


@pytest.mark.parametrize(("stepped", "there"), [(4, 8), (5, 30), (1, 20)])
def test_few_hosts_are_told_one_by_one(stepped: int, there: int) -> None:
    """Fewer than five, or than a fifth of the role, are no release."""
    answer = judged(fleet(stepped, there))
    assert list(severities(answer).values()) == ["warning"] * stepped
    assert answer.notes == []


def test_hosts_that_rise_on_other_days_share_nothing() -> None:
    """The same rise, each host on another day."""
    days = count(2)
    hosts = [host(f"web{n:02}", [*[600] * (22 - (day := next(days))), *[2000] * day]) for n in range(6)]
    answer = judged([*hosts, *fleet(0, 0)])
    assert list(severities(answer).values()) == ["warning"] * 6


def test_a_release_that_takes_days_is_one_step_a_day() -> None:
    """Six hosts on each of three days: three warnings and three notes."""
    hosts = [host(f"web{n:02}", [*[600] * (19 - n // 6), *[2000 + n] * (3 + n // 6)]) for n in range(18)]
    answer = judged([*hosts, *fleet(0, 0)])
    assert {name for name, one in severities(answer).items() if one == "warning"} == {"web05", "web11", "web17"}
    assert len(answer.notes) == 3 and len(severities(answer)) == 18


def test_a_host_that_is_short_of_memory_keeps_its_warning() -> None:
    """Whatever it shares with others, somebody has to look at it."""
    hosts = fleet(8, 20)
    hosts[2] = host("web02", STEP, memory_available_bytes=4 * GIB)
    assert {name for name, one in severities(judged(hosts)).items() if one == "warning"} == {"web02", "web07"}


def test_roles_are_told_apart() -> None:
    """Five databases among the web servers' release are a fifth of nothing, and keep their warnings."""
    hosts = fleet(8, 20)
    hosts[-4:] = [host(f"db{n:02}", STEP, "db") for n in range(26, 30)]
    said = severities(judged(hosts))
    assert [one for name, one in said.items() if name.startswith("db")] == ["warning"] * 4
    assert sum(one == "warning" for name, one in said.items() if name.startswith("web")) == 1
