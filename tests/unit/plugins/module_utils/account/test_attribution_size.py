# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts stay small on the biggest host: what is left out of the attribution, and that it is said."""

from __future__ import annotations

import copy
import json

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import MOST_BYTES, fit
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import FILES, PARTS, ROWS, attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    meminfo,
    plain,
    reading,
)


def test_facts_of_the_biggest_host_stay_under_16_KiB_and_say_what_they_lost() -> None:
    long = {
        "slab": dict(
            PARTS["slab"],
            rows=[[f"c{row:063}", 1, 2, 512, 32, 4, 100 - row] for row in range(10)],
            aliases={f"c{row:063}": [f"a{number:063}" for number in range(8)] for row in range(10)},
        ),
        "processes": dict(
            PARTS["processes"], page_tables=[[row, "p" * 64, 9, "/kubepods/" + "x" * 190] for row in range(5)]
        ),
        "cgroups": dict(PARTS["cgroups"], rows=[["/" + "g" * 199, PARTS["cgroups"]["rows"][0][1]]] * 8),
        "numa": {"rows": [[row, PARTS["numa"]["rows"][0][1]] for row in range(64)]},
    }
    big = reading(meminfo(**plain()), files=FILES, parts=dict(PARTS, **long), subsets=[])
    facts = build_facts(big)
    assert len(json.dumps(facts, separators=(",", ":"))) <= MOST_BYTES == 16384
    parts = facts["attribution"]
    assert all(len(parts[name][ROWS[name]]) >= 1 for name in ROWS if name != "kernel_keys")
    caches = parts["slab_caches"]
    assert 1 <= len(caches["caches"]) < 10 and caches["complete"] is False
    assert caches["reason"].endswith(
        f"Only the first {len(caches['caches'])} of caches are kept, so that the facts stay small."
    )
    assert [one["name"] for one in caches["caches"]] == [f"c{row:063}" for row in range(len(caches["caches"]))]
    assert parts["alloc_sites"]["complete"] is True


def test_facts_that_are_small_enough_are_left_alone() -> None:
    whole = attribution()
    facts = {"attribution": copy.deepcopy(whole)}
    fit(facts)
    assert facts["attribution"] == whole
