# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values in a part of the reading, which nobody trusts: a number, a name, rows of a width, or :class:`Wrong`.

Private to the collection.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import LARGEST, TEXT, clean_text, whole_number

MOST_ROWS = 10
NO_PAGE_SIZE = "The page size of this host is not known, so its pages can't be given in bytes."


class Wrong(ValueError):
    """Something in a part is not what the reader writes."""


def number(value, factor=1):
    """Return *value* times *factor*, both whole, if it is a number that a host can have."""
    given = whole_number(value)
    if given is None or factor is None or given * factor > LARGEST:
        raise Wrong(NO_PAGE_SIZE if factor is None and given is not None else "")
    return given * factor


def text(value, limit):
    """Return a name from the host, printable and short."""
    if not isinstance(value, TEXT):
        raise Wrong()
    return clean_text(value, limit) or "(no printable name)"


def field(part, name):
    """Return an entry of *part*."""
    if not isinstance(part, dict) or name not in part:
        raise Wrong()
    return part[name]


def entries(part, name, width, most=MOST_ROWS):
    """Return the first rows of a list in *part*, each of *width* values."""
    listed = field(part, name)
    if not isinstance(listed, (list, tuple)):
        raise Wrong()
    for row in listed[:most]:
        if not isinstance(row, (list, tuple)) or len(row) != width:
            raise Wrong()
    return listed[:most]


def bad_lines(part):
    """Return the sentence on lines that could not be understood, if there were any."""
    bad = number(part.get("bad_lines", 0))
    return ["%d lines could not be understood." % bad] if bad else []
