# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: text for people and files, ``2026-11-24T12:00:00Z``, and seconds since 1970 for reckoning. Both are UTC."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from functools import lru_cache
from typing import TypeGuard

HOUR, DAY = 3600, 86400
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_LAST_SECOND = 253402300799  # of the year 9999
_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


def utc_text(seconds: float) -> str:
    """Return a time in seconds since 1970 as text; one that no calendar holds as the nearest it holds."""
    # With the zone it ends in +00:00.
    return f"{datetime.fromtimestamp(min(max(int(seconds), 0), _LAST_SECOND), timezone.utc).isoformat()[:19]}Z"


def minute_text(seconds: float) -> str:
    """Return a time in seconds since 1970 as people read it, to the minute: ``2026-11-24 12:00``."""
    return utc_text(seconds)[:16].replace("T", " ")


def seconds_of(text: str) -> int:
    """Return a time of ours in seconds since 1970. Raises :class:`ValueError` where the text is none."""
    return int(datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc).timestamp())


def is_time_text(text: object) -> TypeGuard[str]:
    """Return whether *text* has the form of our times; it may still name a day that no calendar has."""
    return isinstance(text, str) and _TEXT.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def seconds_or_none(text: str | None) -> int | None:
    """Return a time of ours in seconds since 1970; None where the text is none."""
    try:
        return seconds_of(text or "")
    except ValueError:
        return None
