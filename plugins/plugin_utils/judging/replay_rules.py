# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that can be replayed over stored samples, and a replay as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ..model.sample import Sample, Series
from ..policy.schema import hint
from ..policy.waivers import apply_severities
from ..rules.limit import judge_limits
from ..rules.own_history import judge_history, soften
from ..words.text import defused
from .replay import Judge, Replay

MOST_ALARMS = 1000
COLUMNS = ("day", "host", "dimension", "kind", "severity", "explanation")


def judge_by(policy: Mapping[str, Any], environment: str) -> Judge:
    """Return the judge of all samples by one environment of a resolved policy. Raises ValueError where it is not in the
    policy.

    Groups are not in a history, so every host is judged by the same environment, without profiles and waivers.
    """
    if environment not in policy["environments"]:
        raise ValueError(
            f"The environment {environment!r} is not in the policy; {hint(environment, policy['environments'])}"
        )
    settings = policy["environments"][environment]

    def judge(_host: str, facts: Mapping[str, Any], sample: Sample, earlier: Series) -> Iterable[Mapping[str, Any]]:
        history = judge_history(facts, sample, earlier, environment, settings)
        limits = soften(judge_limits(facts, environment, settings).findings, history.baselines, facts)
        return apply_severities(settings, [*limits, *history.judgement.findings])

    return judge


def summary(found: Replay) -> dict[str, Any]:
    """Return a replay as plain data; of its alarms the first thousand."""
    return {
        "hosts": found.hosts,
        "samples": found.samples,
        "host_days": found.host_days,
        "rates": found.rates(),
        "days": found.by_day(),
        "alarms": [asdict(alarm) for alarm in found.alarms[:MOST_ALARMS]],
    }


def alarms_csv(found: Replay) -> str:
    """Return every alarm as a row of CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect="excel", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for alarm in found.alarms:
        row = asdict(alarm)
        writer.writerow([defused(row[name]) for name in COLUMNS])
    return out.getvalue()
