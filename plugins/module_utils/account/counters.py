# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and short texts out of a reading, which may hold anything.

Private to the collection. ``name value`` files are vmstat, cgroup.stat and the kstats of ZFS.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

TEXT = (type(""), type(""))
INTEGERS = (int, type(1 << 100))
# The largest whole number that JSON readers of every language keep exact; no host has that many bytes.
LARGEST = 1 << 53

_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_]{0,63})[ \t]+(?:[0-9][ \t]+)?([0-9]{1,20})[ \t\r]*\Z")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def whole_number(value):
    """Return *value* if it is a whole number from 0 to 2**53, else None (a bool is not a number)."""
    if isinstance(value, INTEGERS) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    return None


def clean_text(value, limit):
    """Return the printable ASCII of a text, at most *limit* characters, or None where nothing is left."""
    if not isinstance(value, TEXT):
        return None
    return _UNPRINTABLE.sub("", value[: 4 * limit]).strip()[:limit] or None


def text_of(reading, name):
    """Return the text of the file *name* in a reading, or None."""
    files = reading.get("files")
    value = files.get(name) if isinstance(files, dict) else None
    return value if isinstance(value, TEXT) else None


def number_in(text):
    """Return the whole number that a text is, or None."""
    return whole_number(int(text)) if isinstance(text, TEXT) and re.match(r"[0-9]{1,16}\Z", text) else None


def number_of(reading, name, word=0):
    """Return the whole number at position *word* of a file's text, or None."""
    words = (text_of(reading, name) or "").split()
    return number_in(words[word]) if len(words) > word else None


def parse_counters(text):
    """Return {name: whole number} from lines ``name value`` (or ``name type value``, as kstats have it).

    A line that is anything else, a value above 2**53 and a name with two different values are left out.
    """
    numbers, doubtful = {}, set()
    if not isinstance(text, TEXT):
        return numbers
    lines = text.split("\n")
    for position, line in enumerate(lines):
        match = _LINE.match(line)
        # Without its line end the last value may be cut short.
        if not match or position == len(lines) - 1:
            continue
        name, value = match.group(1), whole_number(int(match.group(2)))
        if value is None or numbers.get(name, value) != value:
            doubtful.add(name)
        else:
            numbers[name] = value
    return {name: numbers[name] for name in numbers if name not in doubtful}


def found_in(reading):
    """Return the set of signs that the reader found."""
    found = reading.get("found")
    return {entry for entry in found if isinstance(entry, TEXT)} if isinstance(found, (list, tuple)) else set()
