# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's boot parameters, without what looks like a secret.

Private to the collection; pure.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import clean_text

LONGEST = 512
# Words of parameters that carry secrets (rd.iscsi.password, netroot=iscsi:user:secret@host, ks=https://user:secret@...).
_SECRET = re.compile(r"pass|pwd|secret|token|key|cred|auth|user|login|@", re.IGNORECASE)


def cleaned_command_line(text):
    """Return the boot parameters of /proc/cmdline as one bounded line, or None where there are none.

    Of a parameter whose name or value looks like a secret the value is replaced by ``...``. What is after ``--`` is for
    the first process, and is left out. A long line is cut between two parameters.
    """
    kept, length = [], 0
    for word in (clean_text(text, 4096) or "").split():
        if word == "--":
            break
        if _SECRET.search(word):
            word = word.partition("=")[0] + "=..." if "=" in word else "..."
        length += len(word) + 1
        if length > LONGEST:
            break
        kept.append(word)
    return " ".join(kept) or None
