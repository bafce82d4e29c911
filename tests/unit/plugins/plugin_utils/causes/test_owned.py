# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence on who grew: share, before and now, the control group, and what is said where it is not known."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.owned import with_owner
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.scene import past_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.boots import Boot
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnersHistory,
    OwnersPoint,
    owners_sample,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import utc_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB, NOW, facts_of, subject_of

DAY = 86_400
Rows = list[list[Any]]


def point(day: int, rows: Rows) -> OwnersPoint:
    """Return the owners as the history keeps them, *day* days before now."""
    sample = owners_sample("web1", facts_of(owners=rows), NOW - day * DAY)
    return OwnersPoint(sample.collected_at, sample.amounts, sample.read, sample.modules)


def growth(dimension: str, mib: int, days: int = 20, kind: str = "growth") -> Finding:
    """Return a finding of growth by so many MiB since so many days."""
    evidence = {"since": utc_text(NOW - days * DAY)} | ({"median_bytes": 100 * MIB} if kind == "spike" else {})
    size = mib * MIB + (100 * MIB if kind == "spike" else 0)
    return Finding(
        dimension, kind, "warning", "confirmed", size, MIB, "bytes", "", "It grows.", "List.", "true", evidence=evidence
    )


def said(finding: Finding, now: Rows, *before: tuple[int, Rows], boot: Boot | None = None, **facts: Any) -> Finding:
    """Return the finding with its owner."""
    subject = subject_of(facts_of(owners=now, collected_at=utc_text(NOW), **facts))
    history = OwnersHistory("web1", tuple(point(day, rows) for day, rows in before))
    return with_owner(subject, finding, past_of(subject, history), boot)


@pytest.mark.parametrize(
    ("dimension", "kind", "row", "sentence"),
    [
        ("slab_unreclaimable", "slab", "kmalloc-512", "kmalloc-512 brought 90.0 % of it: 100 MiB on 2026-11-04, 1000"),
        ("slab_reclaimable", "slab", "dentry", "dentry brought 90.0 % of it: 100 MiB on 2026-11-04, 1000 MiB now."),
        ("vmalloc", "vmalloc", "mydrv_open [mydrv]", "mydrv_open [mydrv] brought 90.0 % of it: 100 MiB on 2026-11-04"),
        ("page_tables", "command_page_tables", "java", "Page tables of java brought 90.0 % of it: 100 MiB on"),
        ("percpu", "cgroup", "/app.slice/web", "The control group /app.slice/web brought 90.0 % of it: 100 MiB on"),
    ],
)
@pytest.mark.parametrize("how", ["growth", "spike"])
def test_who_grew_is_said_with_its_share(dimension: str, kind: str, row: str, sentence: str, how: str) -> None:
    """Growth and sudden rises alike."""
    found = said(growth(dimension, 1000, kind=how), [[kind, row, 1000 * MIB]], (20, [[kind, row, 100 * MIB]]))
    assert sentence in found.explanation.replace("1,000", "1000"), found.explanation
    assert (found.evidence["owner"], found.evidence["owner_grown"]) == (row, 900 * MIB)


def test_threads_are_counted_and_have_their_group() -> None:
    """Threads have stacks of 16 KiB each here."""
    processes = {
        "complete": True,
        "processes": [
            {"pid": 7, "command": "java", "threads": 9, "cgroup": "/system.slice/app.service", "container_id": None}
        ],
    }
    found = said(
        growth("kernel_stack", 1000),
        [["command_threads", "java", 65_000]],
        (20, [["command_threads", "java", 1000]]),
        attribution={"thread_processes": processes},
    )
    assert "Threads of java in app.service brought 100.0 % of it: 1,000 on 2026-11-04, 65,000 now." in found.explanation
    assert found.next_step.startswith("See what java does since then")


def test_many_that_grew_a_little_are_no_owner() -> None:
    """A tenth of the growth does not explain it, and nobody may take the largest for it."""
    found = said(growth("slab_unreclaimable", 1000), [["slab", "filp", 200 * MIB]], (20, [["slab", "filp", 100 * MIB]]))
    assert "No single cache brought it: the most, filp, had 100 MiB on" in found.explanation
    assert found.evidence["owner"] is None


def test_owners_that_are_known_from_later_on_only() -> None:
    """A store that has kept owners for five days can't say more than that."""
    found = said(growth("slab_unreclaimable", 1000), [["slab", "filp", 400 * MIB]], (5, [["slab", "filp", 160 * MIB]]))
    assert "Owners are known since 2026-11-19 only; filp brought 96.0 % of what came since" in found.explanation


def test_where_nothing_was_kept_the_largest_is_said_to_be_that() -> None:
    """What is large need not be what grew, and the sentence says so."""
    caches = {
        "complete": True,
        "caches": [
            {
                "name": "filp",
                "bytes": 400 * MIB,
                "objects": 9,
                "objects_active": 9,
                "use_percent": 100.0,
                "object_bytes": 256,
                "aliases": [],
            }
        ],
    }
    found = said(growth("slab_unreclaimable", 1000), [["slab", "filp", 400 * MIB]], attribution={"slab_caches": caches})
    assert "The largest cache is filp with 400 MiB. That is the largest now, which need not be" in found.explanation


def test_with_what_it_began() -> None:
    """A boot, another kernel, a module that is new."""
    rows = [["slab", "filp", 1000 * MIB]]
    boot = Boot(NOW - 20 * DAY, "5.14.0-570", True)
    found = said(growth("slab_unreclaimable", 1000), rows, boot=boot)
    assert found.explanation.endswith(
        "It began with the boot on 2026-11-04 into 5.14.0-570, another kernel than before."
    )
    later = said(growth("slab_unreclaimable", 1000, days=10), rows, boot=boot)
    assert "the boot" not in later.explanation


def test_an_outer_group_is_not_blamed_for_an_inner_one() -> None:
    """A slice has what its services have."""
    before = [["cgroup", "/app.slice", 100 * MIB], ["cgroup", "/app.slice/web.service", 50 * MIB]]
    now = [["cgroup", "/app.slice", 1100 * MIB], ["cgroup", "/app.slice/web.service", 1040 * MIB]]
    found = said(growth("percpu", 1000), now, (20, before))
    assert found.evidence["owner"] == "/app.slice/web.service"
