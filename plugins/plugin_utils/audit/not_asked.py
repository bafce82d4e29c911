# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of how many hosts the past could not be asked something: that nothing was found there says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from ..rules.questions import BOOTS, GROWTH, QUESTIONS, SUDDEN_CHANGES
from ..words.labels import hosts_phrase
from .entry import Entry

MATTER_AT_ONCE = (GROWTH, SUDDEN_CHANGES, BOOTS)
"""Without these nobody would hear of a host that fills up; what else is missing is told in the report."""


def not_asked_text(hosts: Iterable[Entry], questions: Collection[str] = tuple(QUESTIONS)) -> str:
    """Return of how many hosts each of some questions could not be asked: ``Not judged, for want of a past: growth on 3
    of 40 hosts``; an empty text where all could be.
    """
    judged = [host.coverage.history for host in hosts if host.coverage is not None and host.coverage.history]
    counts = Counter(name for past in judged for name in past.not_asked)
    named = [f"{words} on {counts[name]:,}" for name, words in QUESTIONS.items() if counts[name] and name in questions]
    return f"Not judged, for want of a past: {', '.join(named)} of {hosts_phrase(len(judged))}" if named else ""
