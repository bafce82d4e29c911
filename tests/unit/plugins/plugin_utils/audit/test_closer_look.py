# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only hosts with a finding that nobody can explain yet are read again, the worst first, and not more than wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import RunInfo
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.closer_look import CloserLook, closer_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import Past, open_past
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, NOW, healthy_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import DAY, add, sample

POLICY = policy_of(None)


def answer(name: str, **changes: Any) -> dict[str, Any]:
    """The record of a host, in the production environment, whose memory nobody has looked at."""
    facts = healthy_facts(boot_id=name, collected_at=utc_text(NOW), transport="lean", **changes)
    return {"host": name, "outcome": "facts", "groups": [], "environment": "production", "facts": facts}


def looked(*records: dict[str, Any], most: int = 200, asked: Mapping[str, Sequence[str]] | None = None) -> CloserLook:
    """Which of these hosts are read again."""
    by_name = {str(record["host"]): record for record in records}
    run = RunInfo("r1", utc_text(NOW), utc_text(NOW), "1", (*by_name, "silent"), {}, {})
    return closer_look(run, by_name, POLICY, Past(), asked or {}, most)


WELL = answer("well")
VMALLOC = answer("vmalloc", vmalloc_bytes=6 * GIB)
SLAB = answer("slab", slab_unreclaimable_bytes=6 * GIB)


def test_only_hosts_with_a_finding_are_read_again() -> None:
    """A healthy host costs nothing, and one that is silent or no Linux of its own has nothing to ask for."""
    container = answer("container", slab_unreclaimable_bytes=20 * GIB)
    container["facts"]["platform"].update(auditable=False, reason="It is a container.")
    found = looked(WELL, VMALLOC, container, {"host": "dead", "outcome": "unreachable", "message": "No."})
    assert found == CloserLook({"vmalloc": ("default", "vmalloc")}, 0)


def test_the_worst_come_first_and_no_more_than_wanted() -> None:
    """The others are counted, so that somebody may ask for more."""
    worse = answer("worse", slab_unreclaimable_bytes=20 * GIB)
    assert list(looked(SLAB, worse).subsets) == ["worse", "slab"]
    found = looked(SLAB, worse, most=1)
    assert (list(found.subsets), found.left_out) == (["worse"], 1)


def test_what_was_asked_for_stays_asked_for() -> None:
    """And what is left out by name stays left out; a name that is none asks for nothing."""
    asked = {"slab": ["min", "numa", "!limits"], "vmalloc": ["!vmalloc"]}
    assert looked(SLAB, VMALLOC, asked=asked).subsets == {"slab": ("min", "numa", "!limits", "slab")}
    assert looked(SLAB, asked={"slab": ["nonsense"]}).subsets == {}


def test_growth_is_a_reason_too(tmp_path: Path) -> None:
    """A leak that is far below its limit is explained while it is small."""
    where = str(tmp_path / "history.db")
    store = open_store(where)
    for days in range(20, 0, -1):
        slab, moment = (2900 - 100 * days) * MIB, NOW - days * DAY
        known = sample("grows", moment, slab, boot_id="grows", uptime_seconds=(100 - days) * DAY)
        add(store, f"r{days}", moment, [known])
    store.close()
    record = answer("grows", slab_unreclaimable_bytes=2900 * MIB, uptime_seconds=100 * DAY)
    run = RunInfo("now", utc_text(NOW), utc_text(NOW), "1", ("grows",), {}, {})
    with closing(open_past(where, "now", ["grows"])) as past:
        found = closer_look(run, {"grows": record}, POLICY, past, {}, 5)
    assert found.subsets == {"grows": ("default", "slab", "limits")}
    assert closer_look(run, {"grows": record}, POLICY, Past(), {}, 5).subsets == {}
