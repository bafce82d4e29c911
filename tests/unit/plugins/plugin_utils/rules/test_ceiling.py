# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rise that ends exactly at a limit of the kernel."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Limit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.ceiling import judge_ceiling
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.earlier import Earlier
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import MIB, days_of, series_before, subject_of


def said(mib: Sequence[float], limit_mib: float | None = None, value: int | None = None) -> list[Finding]:
    """What is said of a host with so much vmalloc memory every hour, and a limit of BPF programs that it tells."""
    samples = days_of("vmalloc", mib, 1 / 24)
    subject = subject_of(samples[-1])
    if limit_mib is not None and subject.facts is not None:
        told = Limit("bpf_jit", value, round(limit_mib * MIB), "bytes", None)
        subject = replace(subject, facts=replace(subject.facts, limits=(told,)))
    return judge_ceiling(subject, Earlier(subject, series_before(samples)), [])


def ramp(height: float, steps: int, base: float = 70, still: int = 12, before: int = 6) -> list[float]:
    """A level, a rise by so much, and a level again."""
    return [base] * before + [base + height * (step + 1) / steps for step in range(steps)] + [base + height] * still


@pytest.mark.parametrize("height", [252, 504, 380, 760])
def test_a_rise_up_to_a_usual_limit_is_a_warning(height: float) -> None:
    """However long it took, and whatever was there before."""
    for made in (ramp(height, 14), ramp(height, 40, 300), ramp(height - 4, 5, 20, before=2)):
        (one,) = said(made)
        assert (one.severity, one.evidence["object"]) == ("warning", "bpf_jit")
        assert "net.core.bpf_jit_limit" in one.explanation and one.next_step


def test_a_limit_that_the_host_tells_takes_the_place_of_the_usual_ones() -> None:
    """500 MiB are no usual limit, and 252 MiB are none of this host."""
    assert len(said(ramp(470, 14), 500)) == 1
    assert said(ramp(252, 14), 500) == []
    assert said(ramp(470, 14)) == []


@pytest.mark.parametrize(
    "mib",
    [
        ramp(252, 1),
        ramp(252, 2),
        ramp(180, 14),
        ramp(252, 14, still=3),
        ramp(252, 14)[:-1] + [340],
        [70 + 14 * hour for hour in range(33)],
        [random.Random(4).uniform(60, 330) for _ in range(33)],
        [322] * 33,
        [1900, 1910, 1905, 2150, 2151, 2150, 2151, *[2404, 2400, 2408, 2402] * 5],
        [1900, 1900, 1900, 2000, 2070, 2150, *[2404, 2396, 2408, 2400, 2404] * 4],
    ],
    ids=[
        "one step",
        "two steps",
        "another height",
        "just now",
        "not still",
        "goes on",
        "restless",
        "constant",
        "two steps of a large level",
        "not still beside a large level",
    ],
)
def test_what_is_no_ceiling(mib: list[float]) -> None:
    """A program that was started, a cache that fills, growth that goes on."""
    assert said(mib) == []


def test_a_number_that_is_known_needs_no_guess() -> None:
    """Where vmallocinfo was read, the check compares it with the limit."""
    assert said(ramp(252, 14), 252, 200 * MIB) == []
