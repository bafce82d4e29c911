# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks on a host's state together: quiet on real kernels, and honest about what was not gathered."""

from __future__ import annotations

import importlib
import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import GROUPS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, facts_of, subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import state

MODULES = "ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect."


@pytest.mark.parametrize("kernel", KERNELS)
def test_real_kernels_are_judged_and_quiet(kernel):
    root = os.path.join(SAMPLES, kernel)
    reading = read(
        f"{root}/proc", f"{root}/sys", 60.0, GROUPS["all"], lambda name: importlib.import_module(MODULES + name)
    )
    judgement = judge_state(subject_of(checked_facts(build_facts(reading))))
    assert judgement.findings == []
    # One sample was taken without its control groups.
    assert set(judgement.not_judged) <= {"dying_cgroups"} and (not judgement.not_judged or kernel == "6.18-host")


def test_what_was_not_gathered_is_not_judged_and_says_what_to_do():
    judgement = state(cgroups=None, slab_unreclaimable_bytes=5 * GIB)
    # Counters come with every reading.
    assert judgement.judged == ["counters"]
    assert list(judgement.not_judged) == [name for name in CHECKS if name != "counters"]
    assert judgement.not_judged["memory_pressure"] == "It was not gathered; add pressure to gather_subset."
    refused = {"slab_caches": {"complete": False, "reason": "slabinfo is readable\nby root only (EACCES)."}}
    assert (
        state(refused, slab_unreclaimable_bytes=5 * GIB).not_judged["slab_use"]
        == "slabinfo is readable by root only (EACCES)."
    )


def test_numbers_that_are_null_do_not_stop_the_verdict():
    whole = attribution()
    for name, part in whole.items():
        for key, value in part.items():
            if isinstance(value, list):
                part[key] = [{field: [] if field == "aliases" else None for field in row} for row in value]
            elif key not in ("complete", "reason", "duration_ms"):
                part[key] = None
        for changes in ({}, {"memory_total_bytes": None}, {"cgroups": None, "threads": None}):
            judge_state(subject_of(facts_of(attribution={name: part}, **changes)))
