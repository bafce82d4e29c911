# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loaded modules: how many, one fingerprint of all names, and those that are not of the kernel's own sources.

Private to the collection; pure, and it trusts nothing in a reading.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import TEXT, clean_text, number_in, whole_number

_FLAGS = re.compile(r"[^A-Z]")
_MOST = 20


def modules_of(reading):
    """Return ``count`` and ``fingerprint`` (hex digits), None where /proc/modules was not read, and ``outside``, the
    modules with the taint flags P (not under a free licence), O (built outside of the kernel's tree) or E (not signed).
    """
    given = reading.get("modules")
    given = given if isinstance(given, dict) else {}
    count, fingerprint = whole_number(given.get("count")), whole_number(given.get("fingerprint"))
    rows = given.get("outside")
    outside = [_module(row) for row in rows[:_MOST]] if isinstance(rows, (list, tuple)) else []
    return {
        "count": count,
        "fingerprint": None if fingerprint is None or count is None else "%011x" % fingerprint,
        "outside": [module for module in outside if module],
    }


def _module(row):
    if not isinstance(row, (list, tuple)) or len(row) != 3 or not all(isinstance(word, TEXT) for word in row):
        return None
    name, flags = clean_text(row[0], 64), _FLAGS.sub("", row[1])[:16]
    return {"name": name, "flags": str(flags), "bytes": number_in(row[2])} if name and flags else None
