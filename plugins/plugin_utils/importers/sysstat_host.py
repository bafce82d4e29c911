# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sysstat on a host: what is run there, and what is made of its answer. A shell is all that the host needs."""

from __future__ import annotations

from dataclasses import dataclass

from .points import Point
from .reading import Text, read

SEPARATOR = "\x1e"
"""After each file's document."""

_FOLDERS = ("/var/log/sysstat", "/var/log/sa")
_FILES = " ".join(f"{folder}/sa{days}" for folder in _FOLDERS for days in ("[0-9][0-9]", "20[0-9]*"))

# One record an hour is enough for a day's median, and a tenth of what there is; a file of less than two hours has none.
_ONE_FILE = (
    'hour=3600; LC_ALL=C sadf -j $hour "$file" -- -r ALL 2>/dev/null | grep -q \'"memory"\' || hour=; '
    "LC_ALL=C sadf -j $hour \"$file\" -- -r ALL 2>/dev/null && printf '\\036'"
)
COMMAND = (
    "if ! command -v sadf >/dev/null 2>&1; then echo 'no program'; exit 0; fi; "
    f'seen=no; for file in {_FILES}; do if [ -e "$file" ]; then seen=yes; fi; '
    f'if [ -r "$file" ]; then {_ONE_FILE}; fi; done; if [ "$seen" = no ]; then echo "no files"; fi'
)

NO_PROGRAM = "no sysstat (the program sadf is not installed: install the package sysstat)"
NO_FILES = (
    f"sysstat has kept nothing (no sa files in {' or '.join(_FOLDERS)}: switch its collecting on, on Debian by "
    'ENABLED="true" in /etc/default/sysstat and else by its timer sysstat-collect)'
)
NOT_READABLE = f"the sa files in {' or '.join(_FOLDERS)} can't be read by this user or by this sadf (try --become)"
NOTHING_IN_IT = "what sysstat has kept has no counter of kernel memory"


@dataclass(frozen=True, slots=True)
class OfHost:
    """What a host's own tool has kept, or the reason that there is nothing, as a part of a sentence."""

    points: list[Point]
    reason: str | None = None


def points_of(host: str, printed: str) -> OfHost:
    """Return what the command printed on a host. Raises ValueError where a file's document is broken."""
    documents = [document.strip() for document in printed.split(SEPARATOR)]
    last = documents.pop()
    if last.endswith("no program"):
        return OfHost([], NO_PROGRAM)
    texts = [Text(f"file {number}", document) for number, document in enumerate(documents, 1) if document]
    if not texts:
        return OfHost([], NO_FILES if last.endswith("no files") else NOT_READABLE)
    points = [point for part in read("sysstat", texts, host) for point in part.points]
    return OfHost(points, None if points else NOTHING_IN_IT)
