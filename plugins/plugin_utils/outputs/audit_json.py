# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.json: the whole audit, one JSON document, with one host a line so that grep and diff work on it.

ASCII only (anything else is an escape), keys sorted, so that the same audit always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..audit.audit import Audit
from ..model.plain import ENCODER

ONE_ENTRY_A_LINE = ("caches", "fleet_findings", "groups", "notes", "waivers")


def pieces(audit: Audit) -> Iterator[str]:
    """Yield the text of audit.json. Raises ValueError where a number is not finite (JSON has no word for that)."""
    before = "{\n"
    frame = audit.frame()
    for name in sorted((*frame, "hosts")):
        value = frame.get(name)
        yield f"{before}{compact(name)}: "
        if name == "hosts":
            yield from _lines(audit.hosts.lines())
        elif name in ONE_ENTRY_A_LINE and isinstance(value, list) and value:
            yield from _lines(map(compact, value))
        else:
            yield compact(value)
        before = ",\n"
    yield "\n}\n"


def _lines(entries: Iterable[str]) -> Iterator[str]:
    """Yield a list with each entry on a line of its own."""
    before = "[\n"
    for entry in entries:
        yield before + entry
        before = ",\n"
    yield "\n]"


def render(audit: Audit) -> str:
    """Return the whole text of audit.json."""
    return "".join(pieces(audit))


def compact(value: object) -> str:
    """Return *value* as JSON on one line, ASCII only, keys sorted."""
    return ENCODER.encode(value)
