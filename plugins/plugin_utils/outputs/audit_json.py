# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.json: the whole audit, one JSON document, with one host a line so that grep and diff work on it.

ASCII only (anything else is an escape), keys sorted, so that the same audit always gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ONE_ENTRY_A_LINE = ("groups", "hosts", "notes")


def render(audit: Mapping[str, Any]) -> str:
    """Return the text of audit.json. Raises ValueError where a number is not finite (JSON has no word for that)."""
    parts = []
    for name in sorted(audit):
        if name in ONE_ENTRY_A_LINE and audit[name]:
            lines = ",\n".join(_compact(entry) for entry in audit[name])
            parts.append(f"{_compact(name)}: [\n{lines}\n]")
        else:
            parts.append(f"{_compact(name)}: {_compact(audit[name])}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
