# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The allocation sites of /proc/allocinfo (kernels with memory allocation profiling), reduced to the biggest ones.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

TOP = 10
SITE = 120


def parse_allocinfo(lines):
    """Return the sites with most bytes and the sums over all sites.

    Parameters: lines, an iterable of lines as bytes without their ends; None stands for a line that could not be read
    whole. Rows are ``[site, bytes, calls]``; a site is ``FILE:LINE [MODULE] func:NAME``. A line that is not understood
    adds nothing.
    """
    rows, sites, total = [], 0, 0
    for line in lines:
        words = (line or b"").split(None, 2)
        if len(words) < 3 or not _is_number(words[0]) or not _is_number(words[1]):
            continue
        size = int(words[0])
        sites += 1
        total += size
        rows.append((-size, words[2].strip().decode("utf-8", "replace")[:SITE], int(words[1])))
        if len(rows) > 500:
            rows.sort()
            del rows[TOP:]
    return {"rows": [[site, -size, calls] for size, site, calls in sorted(rows)[:TOP]], "sites": sites, "bytes": total}


def _is_number(word):
    return word.isdigit() and len(word) <= 18
