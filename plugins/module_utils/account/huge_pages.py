# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huge pages that were set aside: how much in all sizes, how much of it nobody uses, and what is promised of that.

Private to the collection; pure. All sizes are bytes.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import TEXT, number_in, number_of

_PREFIX = "sys/kernel/mm/hugepages/hugepages-"
_SUFFIX = "kB/nr_hugepages"


def huge_pages_of(reading, sizes, numbers):
    """Return {total_bytes, free_bytes, reserved_bytes}; the last two are None where sizes other than the default are
    in use and the host does not say how many of them are free.

    Parameters: sizes and numbers of meminfo. Older kernels name only the default size in meminfo.
    """
    default = sizes.get("Hugepagesize", 0)
    pages = {default: tuple(numbers.get("HugePages_" + what) for what in ("Total", "Free", "Rsvd"))}
    files = reading.get("files")
    for name in files if isinstance(files, dict) else ():
        if isinstance(name, TEXT) and name.startswith(_PREFIX) and name.endswith(_SUFFIX):
            size = (number_in(name[len(_PREFIX) : -len(_SUFFIX)]) or 0) * 1024
            folder = name[: -len("nr_hugepages")]
            found = tuple(number_of(reading, folder + what + "_hugepages") for what in ("nr", "free", "resv"))
            # The default size stands in both, at two moments.
            if size and found[0] is not None and (size != default or (pages[default][0] or 0) < found[0]):
                pages[size] = found
    counted = sum(size * (found[0] or 0) for size, found in pages.items())
    total = max(counted, sizes["Hugetlb"]) if "Hugetlb" in sizes else counted
    result = {"total_bytes": total, "free_bytes": 0, "reserved_bytes": 0}
    if total > counted:
        return {"total_bytes": total, "free_bytes": None, "reserved_bytes": None}
    for size, (number, free, reserved) in pages.items():
        for name, value in (("free_bytes", free), ("reserved_bytes", reserved)):
            if not number or result[name] is None:
                continue
            known = value is not None and value <= number
            result[name] = result[name] + size * value if known else None
    return result
