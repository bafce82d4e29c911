# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a value is not known: what a kernel never tells is told from what is damaged, refused or was not asked for.

Private to the collection; pure.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

NOT_IN_THIS_KERNEL = "not_in_this_kernel"
NOT_READABLE = "not_readable"
NOT_GATHERED = "not_gathered"
DAMAGED = "damaged"
CONTRADICTORY = "contradictory"

# The first mainline kernel that is sure to give a field; distributions have brought some to older kernels, none has
# taken one away. Percpu came between 4.19 and 5.0; from 4.4 to 5.2 VmallocUsed is a constant 0.
_SINCE = {
    "Slab": (2, 6, 0),
    "PageTables": (2, 6, 18),
    "SReclaimable": (2, 6, 19),
    "SUnreclaim": (2, 6, 19),
    "KernelStack": (2, 6, 32),
    "MemAvailable": (3, 14),
    "Percpu": (5, 0),
    "VmallocUsed": (5, 3),
}
_RELEASE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?")


class Missing:
    """What is not known of a host: by name, of which class it is and why."""

    def __init__(self):
        self.classes = {}
        self.reasons = {}

    def note(self, name, kind, reason):
        """Note that *name* is not known: *kind*, one of the classes above, and *reason*, a sentence."""
        self.classes[name] = kind
        self.reasons[name] = reason

    def like(self, name, other):
        """Note that *name* is not known for the reason of *other*."""
        self.note(name, self.classes[other], self.reasons[other])

    def __contains__(self, name):
        return name in self.reasons


def version_of(release):
    """Return a kernel release as numbers, such as (5, 14, 0), or None."""
    match = _RELEASE.match(release or "")
    return tuple(int(word or 0) for word in match.groups()) if match else None


def is_from(release, version):
    """Whether a kernel is of this mainline version or a later one, by its own release; False where that is not
    known.
    """
    known = version_of(release)
    return known is not None and known >= version


def is_sure_to_have(release, field):
    """Whether every kernel of this release has a field of meminfo, so that it is damage where there is none."""
    return field in _SINCE and is_from(release, _SINCE[field])


def why_unreadable(reading, name):
    """Return (class, sentence) for a file of the reading that gave no usable value."""
    errors = reading.get("errors")
    error = errors.get(name) if isinstance(errors, dict) else None
    files = reading.get("files")
    if isinstance(files, dict) and name in files:
        return DAMAGED, "The content of %s can't be understood." % name
    if error in ("EACCES", "EPERM"):
        return NOT_READABLE, "%s may not be read (%s); become may help." % (name, error)
    if error == "deadline":
        return NOT_READABLE, "The deadline came before %s; give the collector more time." % name
    if error is not None and error not in ("ENOENT", "ENOTDIR"):
        return NOT_READABLE, "%s could not be read." % name
    if reading.get("live") is True:
        return NOT_IN_THIS_KERNEL, "There is no %s on this host." % name
    return NOT_GATHERED, "The saved copy has no %s." % name
