# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.json: the whole audit, one JSON document, with one host a line so that grep and diff work on it.

ASCII only (anything else is an escape), keys sorted, so that the same audit always gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

ONE_ENTRY_A_LINE = ("caches", "fleet_findings", "groups", "hosts", "notes", "waivers")

_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def pieces(audit: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of audit.json. Raises ValueError where a number is not finite (JSON has no word for that)."""
    before = "{\n"
    for name in sorted(audit):
        if name in ONE_ENTRY_A_LINE and audit[name]:
            yield f"{before}{compact(name)}: [\n"
            between = ""
            for entry in audit[name]:
                yield between + compact(entry)
                between = ",\n"
            yield "\n]"
        else:
            yield f"{before}{compact(name)}: {compact(audit[name])}"
        before = ",\n"
    yield "\n}\n"


def render(audit: Mapping[str, Any]) -> str:
    """Return the whole text of audit.json."""
    return "".join(pieces(audit))


def compact(value: object) -> str:
    """Return *value* as JSON on one line, ASCII only, keys sorted."""
    return _ENCODER.encode(value)
