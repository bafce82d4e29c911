# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task of a host hands to the task that keeps it for all: daily samples as one short text.

It lies in a registered variable of each host, so a month of a host is a few KiB.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from ..model.sample import SAMPLED, Sample
from .broken_json import json_of

_NUMBERS = ("uptime_seconds", "memory_total_bytes", "memory_available_bytes")
_TEXTS = ("kernel_release", "architecture", "vmalloc_meaning")

_EMPTY = Sample("", 0, None, None, None, None, None, None, None, None, None, "unavailable", None)


def to_text(samples: Iterable[Sample]) -> str:
    """Return samples of one host as a text."""
    rows = [
        [
            sample.collected_at,
            {name: getattr(sample, name) for name in (*_NUMBERS, *_TEXTS) if getattr(sample, name) is not None},
            {name: amount for name, amount in sample.amounts.items() if amount is not None},
        ]
        for sample in samples
    ]
    return json.dumps(rows, separators=(",", ":"))


def from_text(host: str, text: str) -> list[Sample]:
    """Return the samples in such a text as those of *host*. Raises ValueError where it is none."""
    rows = json_of(text, "what the operation read returns", "register it, and name the variable in results")
    if not isinstance(rows, list):
        raise ValueError("This is not what the operation read returns.")
    try:
        return [
            replace(
                _EMPTY,
                host=host,
                collected_at=int(moment),
                amounts={name: amounts.get(name) for name in SAMPLED},
                **{name: known[name] for name in (*_NUMBERS, *_TEXTS) if name in known},
            )
            for moment, known, amounts in rows
        ]
    except (TypeError, ValueError, AttributeError):
        raise ValueError("This is not what the operation read returns.") from None
