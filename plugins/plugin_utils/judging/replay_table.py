# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A replay as plain data and as a table."""

from __future__ import annotations

import csv
import io

from ..model.plain import Json, plain
from ..text.safe import defused
from .replay import Replay

MOST_ALARMS = 1000
COLUMNS = ("day", "host", "dimension", "kind", "severity", "explanation")


def summary(found: Replay) -> dict[str, Json]:
    """Return a replay as plain data; of its alarms the first thousand."""
    return {
        "hosts": found.hosts,
        "samples": found.samples,
        "host_days": found.host_days,
        "rates": plain(found.rates()),
        "days": plain(found.by_day()),
        "alarms": plain(found.alarms[:MOST_ALARMS]),
    }


def alarms_csv(found: Replay) -> str:
    """Return every alarm as a row of CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect="excel", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for alarm in found.alarms:
        writer.writerow([defused(getattr(alarm, name)) for name in COLUMNS])
    return out.getvalue()
