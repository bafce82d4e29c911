# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last boot that a host's history has seen: when it was, and whether another kernel ran before."""

from __future__ import annotations

from dataclasses import dataclass

from .sample import UNKNOWN, Sample, Series, key_of


@dataclass(frozen=True, slots=True)
class Boot:
    """A boot with samples before it. ``at`` is in seconds since 1970."""

    at: int
    kernel: str | None
    """The release that was booted; None where it is not known."""
    other_kernel: bool
    """Whether the boot before ran another kernel."""


def last_boot(series: Series | None, sample: Sample) -> Boot | None:
    """Return the boot of the current sample; None where the history has none from before it, or it is not known."""
    boot = key_of(sample.boot_id)
    if series is None or sample.uptime_seconds is None or boot == UNKNOWN:
        return None
    boots, kernels = series.columns["boot_key"], series.columns["kernel_key"]
    for place in range(len(series) - 1, -1, -1):
        if boots[place] not in (boot, UNKNOWN):
            now = key_of(sample.kernel) if sample.kernel_release else UNKNOWN
            other = UNKNOWN not in (now, kernels[place]) and kernels[place] != now
            return Boot(sample.collected_at - sample.uptime_seconds, sample.kernel_release, other)
    return None
